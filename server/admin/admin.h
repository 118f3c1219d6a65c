/* admin.h: the command line. It speaks commands, never SQL, and works beside a running daemon and without one. */
#ifndef BZ_ADMIN_ADMIN_H
#define BZ_ADMIN_ADMIN_H

/* Exit 0: done. Else one sentence with the remedy stands on stderr; the numbers are those of sysexits(3). */
int admin_main(int argc, char **argv);
#endif
