#include "work/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1   /* their shadow memory takes terabytes of address space */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

/* What decoders, parsers and malloc need once their data is loaded. The file is mapped before: nothing is read. */
static const int allowed[] = { SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex),
                               SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
                               SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times), SCMP_SYS(getrandom), SCMP_SYS(getpid),
                               SCMP_SYS(gettid), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn),
                               SCMP_SYS(sigaltstack), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(restart_syscall),
                               SCMP_SYS(rseq), SCMP_SYS(set_robust_list), SCMP_SYS(close) };

#define NET_FILES 16   /* open at once: the pipes, and a few connections */

static const int deadly[] = { SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
                              SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg),
                              SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork),
                              SCMP_SYS(vfork), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
                              SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_getfd), SCMP_SYS(unshare),
                              SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
                              SCMP_SYS(bpf), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(perf_event_open),
                              SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(init_module), SCMP_SYS(finit_module),
                              SCMP_SYS(kexec_load), SCMP_SYS(memfd_create), SCMP_SYS(personality), SCMP_SYS(setuid),
                              SCMP_SYS(setgid), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
                              SCMP_SYS(renameat2) };

/* What connections take: nothing listens, and nothing is opened by name. */
static const int connecting[] = { SCMP_SYS(connect), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom),
                                  SCMP_SYS(recvmsg), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname),
                                  SCMP_SYS(getpeername), SCMP_SYS(shutdown), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select),
                                  SCMP_SYS(pselect6), SCMP_SYS(fcntl), SCMP_SYS(ioctl), SCMP_SYS(read), SCMP_SYS(readv),
                                  SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(eventfd2) };

static const int denied[] = { SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(access), SCMP_SYS(faccessat) };

bool jail_prepare(int first_fd)
{
    const struct rlimit no_core = { 0, 0 };
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {   /* without it the kernel may choose the daemon */
        (void)!write(fd, "1000", 4);
        close(fd);
    }
    (void)setpriority(PRIO_PROCESS, 0, 10);
    return syscall(SYS_close_range, (unsigned)first_fd, ~0u, 0u) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0
           && setrlimit(RLIMIT_CORE, &no_core) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

static bool set_limits(bool is_net)
{
    const rlim_t files = is_net ? NET_FILES : 0;
    const struct {
        int what;
        rlim_t soft, hard;
    } limits[] = {
#ifndef IS_SANITIZED
        { RLIMIT_AS, LOOK_MEMORY_BYTES, LOOK_MEMORY_BYTES },
#endif
        { RLIMIT_CPU, LOOK_CPU_SECONDS, LOOK_CPU_SECONDS },
        { RLIMIT_NOFILE, files, files },
        { RLIMIT_NPROC, 0, 0 },
        { RLIMIT_FSIZE, 0, 0 },
        { RLIMIT_MEMLOCK, 0, 0 },
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (setrlimit(limits[i].what, &(struct rlimit){ limits[i].soft, limits[i].hard }) != 0)
            return false;
    return true;
}

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static bool add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    bool is_ok = true;
    for (size_t i = 0; i < count; i++)
        is_ok = is_ok && seccomp_rule_add(filter, action, calls[i], 0) == 0;
    return is_ok;
}

static bool is_connecting(int call)
{
    for (size_t i = 0; i < COUNT(connecting); i++)
        if (connecting[i] == call)
            return true;
    return call == SCMP_SYS(socket);
}

/* Only what goes out by the internet's two families. Other sockets fail, as files do: libraries try them. */
static bool add_net(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp v4 = SCMP_A0_64(SCMP_CMP_EQ, AF_INET, 0), v6 = SCMP_A0_64(SCMP_CMP_EQ, AF_INET6, 0);
    bool is_ok = add_all(filter, SCMP_ACT_ALLOW, connecting, COUNT(connecting));
    for (size_t i = 0; i < COUNT(deadly); i++)
        if (!is_connecting(deadly[i]) && deadly[i] != SCMP_SYS(socketpair))
            is_ok = is_ok && seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0) == 0;
    return is_ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, v4) == 0
           && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, v6) == 0;
}

/* Nothing but the pipe is written to. */
static bool add_alone(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp to_pipe = SCMP_A0_64(SCMP_CMP_EQ, 1, 0);
    return add_all(filter, SCMP_ACT_KILL_PROCESS, deadly, COUNT(deadly))
           && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, to_pipe) == 0;
}

static bool add_rules(scmp_filter_ctx filter, bool is_net)
{
    const struct scmp_arg_cmp no_code = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);   /* memory is never made executable */
    return add_all(filter, SCMP_ACT_ALLOW, allowed, COUNT(allowed)) && (is_net ? add_net(filter) : add_alone(filter))
           && add_all(filter, SCMP_ACT_ERRNO(EACCES), denied, COUNT(denied))
           && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code) == 0
           && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code) == 0;
}

static bool lock(bool is_net)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool is_ok = filter != NULL && add_rules(filter, is_net) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                 && set_limits(is_net) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_ok;
}

bool jail_lock(void) { return lock(false); }
bool jail_lock_net(void) { return lock(true); }
