/* jail.h: a process locks itself in, for good. Linux only, as the rest. */
#ifndef BZ_WORK_JAIL_H
#define BZ_WORK_JAIL_H
#include <stdbool.h>

/* What needs no permission and must be done while files can still be opened: closes every descriptor from first_fd on, ends
 * with its parent, is the first to go when memory is short, gives way to the daemon, leaves no core and cannot be traced. */
bool jail_prepare(int first_fd);

/* After this it opens no file, starts nothing and talks to nobody: limits of memory, processor and files, no new privileges,
 * and a list of the system calls that are left. Others fail with EPERM, so that a library goes on without; those that no
 * honest worker makes end the process. False: it is not locked in and must not go on. */
bool jail_lock(void);

/* The same, but that it may make connections by IPv4 and IPv6, and read and write what is open. */
bool jail_lock_net(void);
#endif
