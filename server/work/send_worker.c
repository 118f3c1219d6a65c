/* The worker's side: reads what it is to send, looks the mail server up, locks itself in, sends, answers, ends. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "work/child.h"
#include "work/jail.h"
#include "work/send.h"

#define CA_FILE "/etc/ssl/certs/ca-certificates.crt"
#define SERVER_ADDRESSES 8
#define TEXT_BYTES 201

struct talk {
    struct span mail;
    size_t sent;
    bool is_over;              /* we took our leave */
    char verb[5];              /* of the last thing we said: RCPT, DATA */
    char reply[TEXT_BYTES];    /* the last line of the last answer to it */
    char error[CURL_ERROR_SIZE];
};

static char *text_of(struct span s)   /* they live as long as the process */
{
    char *text = malloc(s.len + 1);
    if (text == NULL || memchr(s.at, '\0', s.len) != NULL)
        _exit(70);
    memcpy(text, s.at, s.len);
    text[s.len] = '\0';
    return text;
}

static bool read_ca(const char *path, struct buf *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_read = fd >= 0 && child_read_all(fd, ret) && ret->len > 0;
    if (fd >= 0)
        (void)close(fd);
    return is_read;
}

/* By all that the machine knows of names, which may read files: so before it is locked in. False: there is no such server. */
static bool look_up(const char *url, struct curl_slist **ret)
{
    char host[256] = "", port[8] = "", line[1024];
    char *name = NULL, *number = NULL;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
    CURLU *u = curl_url();
    if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK && curl_url_get(u, CURLUPART_HOST, &name, 0) == CURLUE_OK
        && curl_url_get(u, CURLUPART_PORT, &number, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        (void)snprintf(host, sizeof host, "%s", name);
        (void)snprintf(port, sizeof port, "%s", number);
    }
    curl_free(name);
    curl_free(number);
    curl_url_cleanup(u);
    if (host[0] == '[')
        return true;
    if (host[0] == '\0' || getaddrinfo(host, port, &hints, &found) != 0)
        return false;
    int len = snprintf(line, sizeof line, "%s:%s:", host, port), count = 0;
    for (struct addrinfo *a = found; a != NULL && count < SERVER_ADDRESSES; a = a->ai_next) {
        char ip[INET6_ADDRSTRLEN];
        const void *at = a->ai_family == AF_INET ? (const void *)&((const struct sockaddr_in *)(const void *)a->ai_addr)->sin_addr
                                                 : (const void *)&((const struct sockaddr_in6 *)(const void *)a->ai_addr)->sin6_addr;
        if ((a->ai_family == AF_INET || a->ai_family == AF_INET6) && inet_ntop(a->ai_family, at, ip, sizeof ip) != NULL)
            len += snprintf(line + len, sizeof line - (size_t)len, a->ai_family == AF_INET ? "%s%s" : "%s[%s]", count++ > 0 ? "," : "", ip);
    }
    freeaddrinfo(found);
    *ret = curl_slist_append(NULL, line);
    return count > 0;
}

static size_t on_read(char *to, size_t size, size_t count, void *ctx)
{
    struct talk *t = ctx;
    size_t left = t->mail.len - t->sent, n = size * count < left ? size * count : left;
    memcpy(to, t->mail.at + t->sent, n);
    t->sent += n;
    return n;
}

/* Follows what is said. What we say may hold the password: nothing of it is kept but the verb. */
static int on_debug(CURL *c, curl_infotype type, char *at, size_t len, void *ctx)
{
    struct talk *t = ctx;
    while (len > 0 && (at[len - 1] == '\n' || at[len - 1] == '\r'))
        len--;
    t->is_over |= type == CURLINFO_HEADER_OUT && len >= 4 && strncmp(at, "QUIT", 4) == 0;
    if (t->is_over)
        return 0;
    if (type == CURLINFO_HEADER_OUT && len >= 4) {
        (void)snprintf(t->verb, sizeof t->verb, "%.4s", at);
        t->reply[0] = '\0';
    } else if (type == CURLINFO_HEADER_IN) {
        (void)snprintf(t->reply, sizeof t->reply, "%.*s", (int)len, at);
    }
    return 0;
}

static void set_up(CURL *c, struct talk *t, const char *url, char *const field[SEND_FIELDS], enum send_tls tls)
{
    static const long uses[] = { CURLUSESSL_ALL, CURLUSESSL_TRY, CURLUSESSL_NONE };
    (void)curl_easy_setopt(c, CURLOPT_URL, url);
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    (void)curl_easy_setopt(c, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_USE_SSL, uses[tls]);
    (void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    if (field[SEND_USER][0] != '\0') {
        (void)curl_easy_setopt(c, CURLOPT_USERNAME, field[SEND_USER]);
        (void)curl_easy_setopt(c, CURLOPT_PASSWORD, field[SEND_PASSWORD]);
        (void)curl_easy_setopt(c, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");   /* others look for files */
    }
    (void)curl_easy_setopt(c, CURLOPT_MAIL_FROM, field[SEND_FROM]);
    (void)curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
    (void)curl_easy_setopt(c, CURLOPT_READDATA, t);
    (void)curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->mail.len);
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
    (void)curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, on_debug);
    (void)curl_easy_setopt(c, CURLOPT_DEBUGDATA, t);
    (void)curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
}

/* 550 5.1.1 of a reply; of the codes alone nobody learns an address. */
static size_t codes_len(const char *reply)
{
    size_t len = strspn(reply, "0123456789");
    size_t more = reply[len] == ' ' || reply[len] == '-' ? strspn(reply + len + 1, "0123456789.") : 0;
    return more >= 5 ? len + 1 + more : len;
}

static bool is_refusal(const struct talk *t)
{
    bool is_about_it = strcmp(t->verb, "RCPT") == 0 || strcmp(t->verb, "DATA") == 0;
    const char *more = t->reply + (strlen(t->reply) > 4 ? 4 : 0);
    bool is_about_us = strcmp(t->verb, "RCPT") == 0 && (strncmp(more, "5.7.", 4) == 0 || strncmp(t->reply, "530", 3) == 0);
    return t->reply[0] == '5' && is_about_it && !is_about_us;   /* what we may not do is for the operator to mend */
}

/* A word that may be an address: who reads how their mail fares need not learn where it goes. */
static void hide_addresses(char *text)
{
    char *to = text;
    for (char *at = text, *end; *at != '\0'; at = end) {
        size_t blanks = strspn(at, " ");
        end = at + blanks + strcspn(at + blanks, " ");
        bool is_hidden = memchr(at, '@', (size_t)(end - at)) != NULL;
        size_t len = is_hidden ? blanks : (size_t)(end - at);
        memmove(to, at, len);
        to += len;
        if (is_hidden)
            *to++ = '*';
    }
    *to = '\0';
}

/* What happened, in words that name no address. */
static void judge(const struct talk *t, CURLcode code, struct sent *ret, char brief[TEXT_BYTES], char why[TEXT_BYTES])
{
    bool is_answer = (t->reply[0] == '4' || t->reply[0] == '5') && t->verb[0] != '\0';
    ret->end = code == CURLE_OK ? SEND_TAKEN : is_refusal(t) ? SEND_REFUSED : SEND_FAILED;
    if (code == CURLE_USE_SSL_FAILED)
        (void)snprintf(brief, TEXT_BYTES, "the mail server offers no TLS (STARTTLS), and mail.tls requires it");
    else if (code == CURLE_LOGIN_DENIED)
        (void)snprintf(brief, TEXT_BYTES, "the mail server does not take mail.user with this password: %.*s", (int)codes_len(t->reply),
                       t->reply);
    else if (code == CURLE_PEER_FAILED_VERIFICATION)
        (void)snprintf(brief, TEXT_BYTES, "%.120s; if that is its own authority, name it in mail.ca", t->error);
    else if (code == CURLE_SSL_CONNECT_ERROR)
        (void)snprintf(brief, TEXT_BYTES, "no TLS with the mail server (smtps:// is for ports that begin with it, as 465; smtp:// for"
                       " 587 and 25): %.70s", t->error);
    else if (is_answer)
        (void)snprintf(brief, TEXT_BYTES, "the mail server answers %.*s to %s", (int)codes_len(t->reply), t->reply, t->verb);
    else
        (void)snprintf(brief, TEXT_BYTES, "%.*s", TEXT_BYTES - 1, t->error[0] != '\0' ? t->error : curl_easy_strerror(code));
    (void)snprintf(why, TEXT_BYTES, "%s", is_answer ? t->reply : brief);
    for (char *texts[] = { brief, why }, **at = texts; at < texts + 2; at++)
        for (char *c = *at; *c != '\0'; c++)
            if (*c < ' ' || *c >= 0x7f)
                *c = '?';
    hide_addresses(why);
    if (code != CURLE_OK) {
        ret->brief = span_of(brief);
        ret->why = span_of(why);
    }
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct sent send_mail(CURL *c, struct talk *t, int64_t began_ms, const char *to, char brief[TEXT_BYTES], char why[TEXT_BYTES])
{
    struct sent sent = { .end = SEND_FAILED };
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    int64_t left_ms = SEND_MS - (now_ms() - began_ms);
    (void)curl_easy_setopt(c, CURLOPT_MAIL_RCPT, recipients);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(left_ms > 1 ? left_ms : 1));
    judge(t, curl_easy_perform(c), &sent, brief, why);
    return sent;
}

int send_worker(int argc, char **argv)
{
    static char brief[TEXT_BYTES], why[TEXT_BYTES], url[2048];
    static struct talk talk;
    struct buf order, ca, record;
    struct span part[SEND_FIELDS];
    char *field[SEND_FIELDS] = { NULL };
    enum send_tls tls;
    struct curl_slist *pinned = NULL;
    struct sent sent = { .end = SEND_FAILED };
    int64_t began_ms = now_ms();
    CURL *c;
    buf_init(&order, SEND_ORDER_BYTES);
    buf_init(&ca, 4u << 20);
    buf_init(&record, SEND_RECORD_BYTES);
    if (argc != 2 || !jail_prepare(CHILD_OUT + 2) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (c = curl_easy_init()) == NULL
        || !child_read_all(CHILD_IN, &order) || !send_take(buf_span(&order), &tls, part))
        return 70;
    for (size_t i = 0; i < SEND_FIELDS - 1; i++)
        field[i] = text_of(part[i]);
    talk.mail = part[SEND_MAIL];
    (void)snprintf(url, sizeof url, "%s/%s", field[SEND_URL], field[SEND_HELLO]);
    set_up(c, &talk, url, field, tls);
    bool is_known = look_up(field[SEND_URL], &pinned);
    (void)curl_easy_setopt(c, CURLOPT_RESOLVE, pinned);
    bool has_ca = read_ca(field[SEND_CA][0] != '\0' ? field[SEND_CA] : CA_FILE, &ca) || tls == SEND_TLS_NONE;
    struct curl_blob blob = { ca.at, ca.len, CURL_BLOB_NOCOPY };
    if (ca.len > 0)
        (void)curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &blob);
    if (!jail_lock_net())
        return 70;
    if (!is_known)
        sent.brief = sent.why = SPAN("the name of the mail server (mail.smtp) is not known");
    else if (!has_ca)
        sent.brief = sent.why = SPAN("the file of certificates (mail.ca) cannot be read");
    else
        sent = send_mail(c, &talk, began_ms, field[SEND_TO], brief, why);
    send_write(&record, &sent);
    _exit(!record.failed && child_send_all(buf_span(&record)) ? 0 : 70);   /* without what libraries do at exit */
}
