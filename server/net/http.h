/* http.h: one request on its way to its answer. Private to net/. */
#ifndef BZ_NET_HTTP_H
#define BZ_NET_HTTP_H
#include "net/conn.h"

/* lasting.c: what was allowed and goes on. */
struct lasting {
    struct http *prev, *next;
    struct file_call *call;     /* it is being asked about again */
    uint64_t rights;            /* wire_rights when it was asked about last */
    bool is_listed;
};

struct http {
    struct conn *conn;          /* NULL: the client is gone, only the work under way still needs this */
    struct net *net;
    struct request request;     /* spans into head */
    char *head;
    struct buf body;
    struct http_call *call;     /* under way in wire */
    struct page_call *page;     /* the same */
    struct upload *upload;      /* upload.c */
    struct download *download;  /* download.c */
    struct lasting lasting;
    uv_work_t work;             /* compression */
    struct buf extra, out;      /* headers of the answer; its body, then compressed */
    const char *encoding, *type;
    int status;
    bool is_closing;
};

void http_free(struct http *h);
const char *http_phrase(int status);
/* Answers and ends the request: h is gone afterwards. extra: whole header lines, may be "". body: copied. */
void http_answer(struct http *h, int status, const char *type, const char *extra, struct span body);
void http_refuse(struct http *h, int status, const char *extra, const char *text);   /* answers, then closes */
/* send.c: answers with status, extra and out. type: static. */
void http_send(struct http *h, const char *type, bool may_shrink);
/* rpc.c */
void rpc_post(struct http *h);
void rpc_get(struct http *h, struct span name);
/* files.c, pages.c: false when the path is not theirs */
#define PAGE_PATH SPAN("/index.html")   /* the client */
#define DOOR_PATH SPAN("/door.html")    /* its page for who is not signed in */
#define PAGE_VARY "Accept-Encoding, Accept-Language, Cookie"
/* Saves a round trip: the texts come along with the script that will ask for them. */
#define TEXTS_LINK "Link: <%s>; rel=preload; as=fetch; crossorigin\r\n"
bool files_init(struct net *n);
bool files_serve(struct http *h);
void files_answer(struct http *h, const struct asset *asset);
const struct asset *files_find(struct span path);                /* NULL: there is none */
const struct asset *files_texts(const char *page, struct span accept_language);    /* that it asks for first; NULL: it has none */
bool pages_serve(struct http *h);
/* upload.c: tus 1.0 */
#define UPLOAD_PATH "/upload"
bool upload_serve(struct http *h);             /* false: the path is another */
void upload_take(struct http *h, size_t len);  /* of the body, in the connection */
void upload_gone(struct upload *u);            /* the client is */
struct file_ask;
bool upload_ask_again(const struct http *h, struct file_ask *ret);     /* what to ask about it; false: it is none */
/* download.c */
bool download_serve(struct http *h);           /* false: the path is another */
bool download_ask_again(const struct http *h, struct file_ask *ret);
void download_drained(struct conn *c);
void download_gone(struct download *d);
void download_turn(struct net *n);             /* at the end of each turn of the loop */
/* lasting.c: who sends or fetches a file is asked about again once somebody may have lost a right, and cut off without it. */
void lasting_asked(struct http *h);            /* before the first question */
void lasting_begin(struct http *h);            /* it was answered: allowed */
void lasting_end(struct http *h);
void lasting_turn(struct net *n);              /* at the end of each turn of the loop */
/* A refusal in the words of another layer. extra: as in http_answer. */
void http_fail(struct http *h, const char *extra, const struct bz_error *error);
/* first.c: the client's page with what its reader would ask for first */
void first_init(struct net *n);
bool first_serve(struct http *h);    /* false: nobody says that they are signed in */
#endif
