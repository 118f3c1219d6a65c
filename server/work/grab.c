#include "work/grab.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/limits.h"
#include "work/address.h"

#define HEADER_BYTES (64u << 10)
#define REDIRECTS_MAX 3
#define HOST_BYTES 254

struct host { char name[HOST_BYTES]; int port; bool is_https, is_literal; union address literal; };

/* One answer on its way in. */
struct answer {
    const struct grab_rules *rules;
    const struct addresses *pinned;
    struct buf body;
    size_t header_bytes, left_bytes;
    CURL *curl;
    bool is_check, is_enough;     /* ended by us, and not because something failed */
};

static bool each_word(const char *text, bool (*take)(const char *word, struct grab_rules *ret), struct grab_rules *ret)
{
    char copy[1024], *rest = copy, *word;
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
        return false;
    while ((word = strsep(&rest, " ,\t")) != NULL)
        if (*word != '\0' && !take(word, ret))
            return false;
    return true;
}

static bool take_port(const char *word, struct grab_rules *ret)
{
    char *end;
    long port = strtol(word, &end, 10);
    if (*end != '\0' || port < 1 || port > 65535 || ret->ports_count == FETCH_PORTS_MAX)
        return false;
    ret->ports[ret->ports_count++] = (int)port;
    return true;
}

static bool literal(const char *text, union address *ret)
{
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, text, &ret->v4.sin_addr) == 1)
        ret->any.sa_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &ret->v6.sin6_addr) == 1)
        ret->any.sa_family = AF_INET6;
    return ret->any.sa_family != AF_UNSPEC;
}

static bool take_inside(const char *word, struct grab_rules *ret)
{
    return ret->inside.count < GRAB_ADDRESSES && literal(word, &ret->inside.at[ret->inside.count++]);
}

bool grab_ports(const char *text, struct grab_rules *ret) { return each_word(text, take_port, ret) && ret->ports_count > 0; }
bool grab_inside(const char *text, struct grab_rules *ret) { return each_word(text, take_inside, ret); }
bool grab_load(void) { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

static bool holds(const struct addresses *list, const struct sockaddr *address)
{
    for (size_t i = 0; i < list->count; i++) {
        const union address *a = &list->at[i];
        if (a->any.sa_family != address->sa_family)
            continue;
        if (address->sa_family == AF_INET
                ? a->v4.sin_addr.s_addr == ((const struct sockaddr_in *)address)->sin_addr.s_addr
                : memcmp(&a->v6.sin6_addr, &((const struct sockaddr_in6 *)address)->sin6_addr, 16) == 0)
            return true;
    }
    return false;
}

static bool may_reach(const struct grab_rules *rules, const struct sockaddr *address)
{
    return rules->is_inside || address_is_public(address) || holds(&rules->inside, address);
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);
    return len >= tail && strcasecmp(name + len - tail, end) == 0;
}

/* A name of the internet: with a dot, its last label no number, none of those that lead inside by agreement. */
static bool is_name(const char *name)
{
    static const char *const closed[] = { ".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".private",
                                          ".home.arpa", ".onion", ".arpa" };
    const char *last = strrchr(name, '.');
    if (last == NULL || last == name || last[1] == '\0' || strspn(last + 1, "0123456789") == strlen(last + 1)
        || strncasecmp(last + 1, "0x", 2) == 0)
        return false;
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (ends_with(name, closed[i]))
            return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(name) && strstr(name, "..") == NULL;
}

static bool part(CURLU *u, CURLUPart what, unsigned flags, char *ret, size_t bytes)
{
    char *text = NULL;
    bool is_there = curl_url_get(u, what, &text, flags) == CURLUE_OK && strlen(text) < bytes;
    if (is_there)
        (void)snprintf(ret, bytes, "%s", text);
    curl_free(text);
    return is_there;
}

static bool has_part(CURLU *u, CURLUPart what)
{
    char *text = NULL;
    bool is_there = curl_url_get(u, what, &text, 0) == CURLUE_OK;
    curl_free(text);
    return is_there;
}

static bool may_port(const struct grab_rules *rules, int port)
{
    for (size_t i = 0; i < rules->ports_count; i++)
        if (rules->ports[i] == port)
            return true;
    return rules->ports_count == 0;
}

/* Where the address leads, as curl reads it. False: not there. */
static bool host_of(const struct grab_rules *rules, CURLU *u, struct host *ret)
{
    char scheme[8], port[8];
    *ret = (struct host){ .port = 0 };
    if (!part(u, CURLUPART_SCHEME, 0, scheme, sizeof scheme) || !part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port)
        || !part(u, CURLUPART_HOST, CURLU_PUNYCODE, ret->name, sizeof ret->name) || has_part(u, CURLUPART_USER)
        || has_part(u, CURLUPART_PASSWORD) || has_part(u, CURLUPART_ZONEID))
        return false;
    ret->is_https = strcasecmp(scheme, "https") == 0;
    ret->port = (int)strtol(port, NULL, 10);
    if ((!ret->is_https && strcasecmp(scheme, "http") != 0) || !may_port(rules, ret->port))
        return false;
    size_t len = strlen(ret->name);
    if (ret->name[0] == '[' && len > 2) {
        char bare[HOST_BYTES];
        (void)snprintf(bare, sizeof bare, "%.*s", (int)len - 2, ret->name + 1);
        ret->is_literal = literal(bare, &ret->literal);
        return ret->is_literal;
    }
    ret->is_literal = literal(ret->name, &ret->literal);
    if (!ret->is_literal && len > 1 && ret->name[len - 1] == '.') {
        ret->name[len - 1] = '\0';
        if (curl_url_set(u, CURLUPART_HOST, ret->name, 0) != CURLUE_OK)   /* or it would be looked up by another name */
            return false;
    }
    return ret->is_literal || rules->is_inside || is_name(ret->name);
}

/* All addresses that it has must be open to us: of a name that has one of ours, none is asked. */
static enum fetch_end resolve(const struct grab_rules *rules, const struct host *host, int64_t until_ms, struct addresses *ret)
{
    *ret = (struct addresses){ .count = 0 };
    if (host->is_literal)
        ret->at[ret->count++] = host->literal;
    else if (!rules->resolve(rules->ctx, host->name, until_ms, ret))
        return FETCH_UNKNOWN;
    if (ret->count == 0)
        return FETCH_DEAD;
    for (size_t i = 0; i < ret->count; i++)
        if (!may_reach(rules, &ret->at[i].any))
            return FETCH_REFUSED;
    return FETCH_READ;
}

/* "NAME:PORT:ADDRESS,ADDRESS": curl asks nobody else then. */
static struct curl_slist *pin(const struct host *host, const struct addresses *addresses)
{
    char line[HOST_BYTES + 16 + GRAB_ADDRESSES * (INET6_ADDRSTRLEN + 4)];
    int len = snprintf(line, sizeof line, "%s:%d:", host->name, host->port);
    for (size_t i = 0; i < addresses->count; i++) {
        const union address *a = &addresses->at[i];
        char text[INET6_ADDRSTRLEN];
        bool is_v6 = a->any.sa_family == AF_INET6;
        (void)inet_ntop(a->any.sa_family, is_v6 ? (const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr, text, sizeof text);
        len += snprintf(line + len, sizeof line - (size_t)len, is_v6 ? "%s[%s]" : "%s%s", i == 0 ? "" : ",", text);
    }
    return curl_slist_append(NULL, line);
}

/* The last word before a connection: only to what was looked up, and only where we may go. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct answer *a = ctx;
    if (purpose != CURLSOCKTYPE_IPCXN || !holds(a->pinned, &address->addr) || !may_reach(a->rules, &address->addr))
        return CURL_SOCKET_BAD;
    if (a->rules->connects != NULL)
        a->rules->connects(a->rules->ctx, &address->addr);
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_header(char *at, size_t size, size_t count, void *ctx)
{
    struct answer *a = ctx;
    a->header_bytes += size * count;
    return a->header_bytes > HEADER_BYTES ? 0 : size * count;
}

static bool is_html(struct answer *a)
{
    char *type = NULL;
    (void)curl_easy_getinfo(a->curl, CURLINFO_CONTENT_TYPE, &type);
    return type != NULL && (strncasecmp(type, "text/html", 9) == 0 || strncasecmp(type, "application/xhtml+xml", 21) == 0);
}

static long status_of(CURL *c)
{
    long status = 0;
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static bool leads_on(long status) { return status >= 300 && status < 400; }

/* Where an answer leads on to, curl tells when it has all of it: its body, which nobody reads, is let pass. */
static size_t on_body(char *at, size_t size, size_t count, void *ctx)
{
    struct answer *a = ctx;
    size_t bytes = size * count, before = a->body.len > 8 ? a->body.len - 8 : 0, taken = bytes < a->left_bytes ? bytes : a->left_bytes;
    bool is_passing = leads_on(status_of(a->curl));
    a->is_enough = !is_passing && (a->is_check || !is_html(a));
    if (a->is_enough)
        return 0;
    if (!is_passing)
        buf_add(&a->body, at, taken);
    a->left_bytes -= taken;
    a->is_enough = a->left_bytes == 0
                   || (!is_passing && page_has_head((struct span){ a->body.at + before, a->body.len - before }));
    return a->is_enough ? 0 : bytes;
}

/* Also what is inflated to nothing counts. */
static int on_progress(void *ctx, curl_off_t all, curl_off_t now, curl_off_t up_all, curl_off_t up_now)
{
    return now > (curl_off_t)LINK_BODY_BYTES;
}

/* Whoever is asked, and for what. */
static void set_up_line(CURL *c, struct answer *a, CURLU *u, struct curl_slist *pinned, long left_ms)
{
    const struct grab_rules *rules = a->rules;
    struct curl_blob ca = { (void *)(uintptr_t)rules->ca.at, rules->ca.len, CURL_BLOB_NOCOPY };
    (void)curl_easy_setopt(c, CURLOPT_CURLU, u);
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(c, CURLOPT_RESOLVE, pinned);
    (void)curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, a);
    (void)curl_easy_setopt(c, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, left_ms);
    (void)curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, rules->agent);
    (void)curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &ca);
    (void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(c, CURLOPT_HEADERDATA, a);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
}

static void set_up(CURL *c, struct answer *a, CURLU *u, struct curl_slist *pinned, long left_ms, bool is_head)
{
    set_up_line(c, a, u, pinned, left_ms);
    (void)curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)curl_easy_setopt(c, CURLOPT_NOBODY, is_head ? 1L : 0L);
}

/* Whoever answers is there, also one that does not want us, or whose certificate ran out. */
static enum fetch_end judge(CURL *c, CURLcode code, const struct answer *a)
{
    long status = status_of(c);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return FETCH_READ;
    if (code != CURLE_OK && !a->is_enough && status == 0)
        return FETCH_DEAD;
    return status == 404 || status == 410 || status >= 500 ? FETCH_DEAD : FETCH_READ;
}

/* left_bytes: of the bodies of all hops. */
struct hop { CURLU *url; bool is_check, is_head; int64_t until_ms; size_t *left_bytes; };

/* One request. *ret_next: where it leads on to, or NULL. */
static enum fetch_end ask(const struct grab_rules *rules, const struct hop *hop, struct page *page, char **ret_next)
{
    struct host host;
    struct addresses addresses;
    *ret_next = NULL;
    if (!host_of(rules, hop->url, &host))
        return FETCH_REFUSED;
    enum fetch_end end = resolve(rules, &host, hop->until_ms, &addresses);
    if (end != FETCH_READ)
        return end;
    int64_t left_ms = hop->until_ms - grab_now_ms();   /* what looking up has left */
    CURL *c = left_ms > 0 ? curl_easy_init() : NULL;
    if (c == NULL)
        return FETCH_UNKNOWN;
    struct answer a = { .rules = rules, .pinned = &addresses, .curl = c, .is_check = hop->is_check, .left_bytes = *hop->left_bytes };
    buf_init(&a.body, LINK_BODY_BYTES);
    struct curl_slist *pinned = host.is_literal ? NULL : pin(&host, &addresses);
    set_up(c, &a, hop->url, pinned, (long)left_ms, hop->is_head);
    end = judge(c, curl_easy_perform(c), &a);
    char *next = NULL, *type = NULL;
    (void)curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &next);
    (void)curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
    long status = status_of(c);
    *hop->left_bytes = a.left_bytes;
    if (next != NULL)
        *ret_next = strdup(next);
    else if (end == FETCH_READ && status >= 200 && status < 300 && !hop->is_check)
        page_read(span_of(type), a.body.len == 0 ? SPAN("") : buf_span(&a.body), page);
    curl_easy_cleanup(c);
    curl_slist_free_all(pinned);
    buf_done(&a.body);
    return end;
}

int64_t grab_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum fetch_end follow(const struct grab_rules *rules, const char *text, bool is_check, bool is_head, int64_t until_ms,
                             struct page *page)
{
    CURLU *u = curl_url();
    enum fetch_end end = FETCH_REFUSED;
    size_t left_bytes = LINK_BODY_BYTES;
    bool is_url = u != NULL && curl_url_set(u, CURLUPART_URL, text, 0) == CURLUE_OK;
    for (int hops = 0; is_url && hops <= REDIRECTS_MAX; hops++) {
        struct hop hop = { u, is_check, is_head, until_ms, &left_bytes };
        char *next;
        if (until_ms <= grab_now_ms()) {
            end = FETCH_DEAD;
            break;
        }
        end = ask(rules, &hop, page, &next);
        if (next == NULL)
            break;
        end = FETCH_READ;   /* it answers; whether it leads somewhere is the next one's question, as long as there is one */
        is_url = curl_url_set(u, CURLUPART_URL, next, 0) == CURLUE_OK;
        free(next);
    }
    curl_url_cleanup(u);
    return end;
}

enum fetch_end grab(const struct grab_rules *rules, struct span url, bool is_check, struct page *page)
{
    char text[BZ_LIMIT_LINK_BYTES + 1];
    if (url.len >= sizeof text || memchr(url.at, '\0', url.len) != NULL)
        return FETCH_REFUSED;
    (void)snprintf(text, sizeof text, "%.*s", (int)url.len, url.at);
    int64_t until_ms = grab_now_ms() + FETCH_MS;
    enum fetch_end end = follow(rules, text, is_check, is_check, until_ms, page);
    if (is_check && end == FETCH_DEAD && until_ms - grab_now_ms() > FETCH_MS / 2)   /* many know no HEAD */
        end = follow(rules, text, true, false, until_ms, page);
    return end;
}

/* ---- One question. */

static size_t on_answer(char *at, size_t size, size_t count, void *ctx)
{
    struct answer *a = ctx;
    buf_add(&a->body, at, size * count);
    return a->body.failed ? 0 : size * count;
}

static char *text_of(struct span s)
{
    char *text = s.at == NULL || memchr(s.at, '\0', s.len) != NULL ? NULL : malloc(s.len + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, s.at, s.len);
    text[s.len] = '\0';
    return text;
}

static void put_secrets(CURL *c, const struct grab_ask *ask)   /* curl copies them; they end with the process */
{
    char *user = text_of(ask->user), *password = text_of(ask->password);
    if (user != NULL && password != NULL) {
        (void)curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        (void)curl_easy_setopt(c, CURLOPT_USERNAME, user);
        (void)curl_easy_setopt(c, CURLOPT_PASSWORD, password);
    }
    free(user);
    free(password);
    if (ask->form.at != NULL) {
        (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)ask->form.len);
        (void)curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, ask->form.at);
    }
}

static enum fetch_end question(const struct grab_rules *rules, CURLU *u, const struct grab_ask *ask, int64_t until_ms, struct buf *body,
                               struct buf *why, long *ret_status)
{
    struct host host;
    struct addresses addresses;
    char text[CURL_ERROR_SIZE] = "";
    if (!host_of(rules, u, &host))
        return FETCH_REFUSED;
    enum fetch_end end = resolve(rules, &host, until_ms, &addresses);
    int64_t left_ms = until_ms - grab_now_ms();
    CURL *c = end == FETCH_READ && left_ms > 0 ? curl_easy_init() : NULL;
    if (c == NULL)
        return end == FETCH_READ ? FETCH_DEAD : end;
    struct answer a = { .rules = rules, .pinned = &addresses, .curl = c, .body = *body };
    struct curl_slist *pinned = host.is_literal ? NULL : pin(&host, &addresses);
    struct curl_slist *heads = curl_slist_append(NULL, "Accept: application/json");
    set_up_line(c, &a, u, pinned, (long)left_ms);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_answer);
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, heads);
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, text);
    put_secrets(c, ask);
    CURLcode code = curl_easy_perform(c);
    end = code == CURLE_OK ? FETCH_READ : FETCH_DEAD;
    if (code != CURLE_OK)
        buf_add_text(why, *text != '\0' ? text : curl_easy_strerror(code));
    *ret_status = status_of(c);
    *body = a.body;
    curl_easy_cleanup(c);
    curl_slist_free_all(heads);
    curl_slist_free_all(pinned);
    return end;
}

enum fetch_end grab_ask(const struct grab_rules *rules, const struct grab_ask *ask, int64_t until_ms, struct buf *body, struct buf *why,
                        long *ret_status)
{
    static const char *const whys[] = { [FETCH_READ] = "", [FETCH_DEAD] = "its name leads nowhere, or not in time",
                                        [FETCH_REFUSED] = "its host is none that is asked; one inside this network needs inside = yes",
                                        [FETCH_UNKNOWN] = "its name could not be looked up" };
    char *text = text_of(ask->url);
    CURLU *u = text == NULL ? NULL : curl_url();
    enum fetch_end end = FETCH_REFUSED;
    if (u != NULL && curl_url_set(u, CURLUPART_URL, text, 0) == CURLUE_OK)
        end = question(rules, u, ask, until_ms, body, why, ret_status);
    if (why->len == 0)
        buf_add_text(why, whys[end]);
    curl_url_cleanup(u);
    free(text);
    return end;
}
