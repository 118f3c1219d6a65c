/* The worker's side: locks itself in, looks, answers, ends. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "work/jail.h"
#include "work/kind.h"
#include "work/office.h"
#include "work/pdf.h"
#include "work/picture.h"
#include "work/record.h"
#include "work/still.h"

enum { PIPE = 1, FILE_FD = 3 };

struct tools {
    struct kinds *kinds;
    struct pdf_reader *pdf;   /* NULL: words in PDF are not found */
};

/* Maps the file; no byte of it is read yet. Of one that is too large only the beginning. */
static bool map(struct span *ret, bool *ret_is_whole)
{
    struct stat st;
    if (fstat(FILE_FD, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0)
        return false;
    *ret_is_whole = st.st_size <= (off_t)LOOK_FILE_BYTES;
    size_t len = *ret_is_whole ? (size_t)st.st_size : 1u << 20;
    *ret = (struct span){ "", 0 };
    if (len == 0)
        return true;
    void *at = mmap(NULL, len, PROT_READ, MAP_PRIVATE, FILE_FD, 0);
    *ret = (struct span){ at, len };
    return at != MAP_FAILED;
}

static void look_into(const struct tools *tools, struct span file, bool is_whole, struct buf *record)
{
    struct look look = look_plain;
    struct buf thumb;
    struct text text;
    buf_init(&thumb, LOOK_THUMB_BYTES);
    text_init(&text);
    if (shape_is_picture(file)) {
        if (!is_whole || !picture_look(file, &thumb, &look))
            look = look_plain;
    } else {
        look.type = kind_of(tools->kinds, file);
    }
    if ((look.type == LOOK_TEXT || look.type == LOOK_CSV) && !text_take_file(&text, file))
        look.type = LOOK_BYTES;
    else if ((look.type == LOOK_ZIP || look.type == LOOK_EPUB) && is_whole)
        look.type = office_read(file, &text);
    else if (look.type == LOOK_PDF && (!is_whole || tools->pdf == NULL || !pdf_text(tools->pdf, file, &text) || !pdf_is_still(file)))
        look.type = LOOK_PDF_ACTIVE;
    look.text = text_found(&text);
    record_write(record, &look);
    buf_done(&thumb);
    buf_done(&text.out);
}

static bool send_all(struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(PIPE, bytes.at, bytes.len);
        if (n <= 0)
            return false;
        bytes.at += n;
        bytes.len -= (size_t)n;
    }
    return true;
}

#ifdef BZ_FAULTS
#define INHERITED_FD 50   /* which the test leaves open for it */

/* What a worker that was taken over would try. Where it is refused, it goes on as an honest one. */
static void misbehave(const char *what)
{
    int got = 0;
    if (strcmp(what, "open") == 0)
        got = open("/etc/passwd", O_RDONLY);
    else if (strcmp(what, "socket") == 0)
        got = socket(AF_INET, SOCK_STREAM, 0);
    else if (strcmp(what, "exec") == 0)
        got = execl("/bin/true", "true", NULL);
    else if (strcmp(what, "fork") == 0)
        got = fork();
    else if (strcmp(what, "ptrace") == 0)
        got = (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
    else if (strcmp(what, "code") == 0)
        got = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
    else if (strcmp(what, "inherited") == 0)
        got = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, INHERITED_FD, 0) == MAP_FAILED ? -1 : 0;
    else if (strcmp(what, "memory") == 0)
        got = mmap(NULL, LOOK_MEMORY_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
    else if (strcmp(what, "crash") == 0)
        __builtin_trap();
    else if (strcmp(what, "garbage") == 0)
        _exit(send_all(SPAN("BZL1 and so on")) ? 0 : 1);
    while (strcmp(what, "hang") == 0)
        ;
    while (strcmp(what, "flood") == 0 && send_all(SPAN("BZL1............................................................")))
        ;
    if (got >= 0)
        _exit(71);
}
#endif

int look_worker(int argc, char **argv)
{
    struct span file;
    struct buf record;
    bool is_whole;
    if (!jail_prepare(FILE_FD + 1))
        return 70;
    const struct tools tools = { kinds_load(), pdf_load() };   /* while files can still be opened */
    if (tools.kinds == NULL || !map(&file, &is_whole) || !jail_lock())
        return 70;
#ifdef BZ_FAULTS
    if (argc > 2)
        misbehave(argv[2]);
#endif
    buf_init(&record, LOOK_RECORD_BYTES);
    look_into(&tools, file, is_whole, &record);
    _exit(!record.failed && send_all(buf_span(&record)) ? 0 : 70);   /* without what libraries do at exit */
}
