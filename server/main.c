#include <string.h>

#include "admin/admin.h"
#include "work/ask.h"
#include "work/fetch.h"
#include "work/look.h"
#include "work/send.h"

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], LOOK_WORKER) == 0)
        return look_worker(argc, argv);
    if (argc > 1 && strcmp(argv[1], LINK_WORKER) == 0)
        return fetch_worker(argc, argv);
    if (argc > 1 && strcmp(argv[1], MAIL_WORKER) == 0)
        return send_worker(argc, argv);
    if (argc > 1 && strcmp(argv[1], ASK_WORKER) == 0)
        return ask_worker(argc, argv);
    return admin_main(argc, argv);
}
