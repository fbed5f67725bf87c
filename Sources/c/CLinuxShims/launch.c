#define _GNU_SOURCE
#include "CLinuxLaunch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

// MARK: - The one function that clones

enum { CHILD_STACK = 64 << 10, FIRST_SLOT = 5 };

// What the child needs, with every descriptor already above the numbers that it will get.
struct child {
    const struct linux_launch_request *launch;
    int program, plan, report, streams[3];
    int *slots;
};

// Runs on a stack of its own in the parent's memory, while the parent is suspended and all signals are blocked:
// nothing here may allocate, lock, or touch what the parent uses.
static int enter(void *argument) {
    const struct child *child = argument;
    for (int i = 0; i < 3; i++) if (dup3(child->streams[i], i, 0) < 0) _exit(125);
    if (dup3(child->report, 3, 0) < 0 || dup3(child->plan, 4, 0) < 0) _exit(125);
    for (int i = 0; i < child->launch->slot_count; i++) if (dup3(child->slots[i], FIRST_SLOT + i, 0) < 0) _exit(125);
    char *arguments[] = {(char *)child->launch->name, NULL}, *environment[] = {NULL};
    syscall(SYS_execveat, child->program, "", arguments, environment, AT_EMPTY_PATH);
    _exit(125);
}

static int raise_descriptor(int descriptor, int lowest, int *raised) {
    *raised = fcntl(descriptor, F_DUPFD_CLOEXEC, lowest);
    return *raised;
}

static int raise_all(struct child *child, int lowest) {
    const struct linux_launch_request *launch = child->launch;
    if (raise_descriptor(launch->program, lowest, &child->program) < 0) return -1;
    if (raise_descriptor(launch->plan, lowest, &child->plan) < 0) return -1;
    if (raise_descriptor(launch->report, lowest, &child->report) < 0) return -1;
    for (int i = 0; i < 3; i++) if (raise_descriptor(launch->streams[i], lowest, &child->streams[i]) < 0) return -1;
    for (int i = 0; i < launch->slot_count; i++)
        if (raise_descriptor(launch->slots[i], lowest, &child->slots[i]) < 0) return -1;
    return 0;
}

static void close_all(const struct child *child) {
    const int named[] = {child->program, child->plan, child->report, child->streams[0], child->streams[1],
        child->streams[2]};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) if (named[i] >= 0) close(named[i]);
    for (int i = 0; i < child->launch->slot_count; i++) if (child->slots[i] >= 0) close(child->slots[i]);
}

int linux_launch(const struct linux_launch_request *launch, int *pidfd) {
    struct child child = {launch, -1, -1, -1, {-1, -1, -1}, NULL};
    int pid = -1, saved = 0;
    child.slots = malloc(sizeof(int) * (size_t)(launch->slot_count + 1));
    void *stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (child.slots == NULL || stack == MAP_FAILED) {
        free(child.slots);
        if (stack != MAP_FAILED) munmap(stack, CHILD_STACK);
        errno = ENOMEM;
        return -1;
    }
    for (int i = 0; i < launch->slot_count; i++) child.slots[i] = -1;

    if (raise_all(&child, FIRST_SLOT + launch->slot_count) == 0) {
        sigset_t every, before;
        sigfillset(&every);
        pthread_sigmask(SIG_SETMASK, &every, &before);
        int flags = (int)launch->namespaces | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
        pid = clone(enter, (char *)stack + CHILD_STACK, flags, &child, pidfd);
        saved = errno;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    } else {
        saved = errno;
    }
    close_all(&child);
    free(child.slots);
    munmap(stack, CHILD_STACK);
    errno = saved;
    return pid;
}

// MARK: - Processes

int linux_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int linux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int linux_pidfd_getfd(int pidfd, int number) { return (int)syscall(SYS_pidfd_getfd, pidfd, number, 0); }

int linux_pidfd_wait(int pidfd, int *code, int *status) {
    siginfo_t ended = {0};
    if (waitid(P_PIDFD, (id_t)pidfd, &ended, WEXITED) < 0) return -1;
    *code = ended.si_code;
    *status = ended.si_status;
    return 0;
}

long linux_receive(int socket, void *bytes, size_t size, int *passed) {
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec vector = {bytes, size};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    *passed = -1;
    long count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count < 0) return count;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(passed, CMSG_DATA(header), sizeof(int));
    return count;
}

long linux_send(int socket, const void *bytes, size_t size, int passed) {
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec vector = {(void *)bytes, size};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed, sizeof(int));
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

int linux_socket_pair(int pair[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair); }

int linux_memfd(const char *name, int executable) {
    unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    // Kernels before 6.3 don't know MFD_EXEC: there every memfd is executable.
    int descriptor = memfd_create(name, flags | (executable ? MFD_EXEC : 0));
    return descriptor < 0 && errno == EINVAL && executable ? memfd_create(name, flags) : descriptor;
}

int linux_seal(int descriptor) {
    return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

// MARK: - Mounts

enum { SET_FLAG = 0, SET_STRING = 1, SET_FD = 5, CMD_CREATE = 6 };

int linux_fsopen(const char *type) { return (int)syscall(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */); }

static int configure(int context, unsigned int command, const char *key, const char *value, int number) {
    return (int)syscall(SYS_fsconfig, context, command, key, value, number);
}

int linux_fsconfig_string(int context, const char *key, const char *value) {
    return configure(context, SET_STRING, key, value, 0);
}

int linux_fsconfig_flag(int context, const char *key) { return configure(context, SET_FLAG, key, NULL, 0); }

int linux_fsconfig_descriptor(int context, const char *key, int descriptor) {
    return configure(context, SET_FD, key, NULL, descriptor);
}

int linux_fsconfig_create(int context) { return configure(context, CMD_CREATE, NULL, NULL, 0); }

long linux_fsconfig_message(int context, char *buffer, size_t size) {
    if (size == 0) return 0;
    long count = read(context, buffer, size - 1);
    buffer[count < 0 ? 0 : count] = 0;
    return count < 0 ? 0 : count;
}

int linux_fsmount(int context, unsigned int attributes) {
    return (int)syscall(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, attributes);
}

int linux_open_tree(int directory, const char *path, unsigned int flags) {
    return (int)syscall(SYS_open_tree, directory, path, flags);
}

struct mount_attributes {
    uint64_t set, clear, propagation, user_namespace;
};

static int set_attributes(int tree, const struct mount_attributes *attributes, int recursive) {
    unsigned int flags = AT_EMPTY_PATH | (recursive ? 0x8000 /* AT_RECURSIVE */ : 0);
    return (int)syscall(SYS_mount_setattr, tree, "", flags, attributes, sizeof *attributes);
}

int linux_mount_setattr(int tree, uint64_t set, uint64_t clear, uint64_t propagation, int recursive) {
    return set_attributes(tree, &(struct mount_attributes){set, clear, propagation, 0}, recursive);
}

int linux_mount_map_owners(int tree, int user_namespace, int recursive) {
    struct mount_attributes attributes = {0x100000 /* MOUNT_ATTR_IDMAP */, 0, 0, (uint64_t)user_namespace};
    return set_attributes(tree, &attributes, recursive);
}

static int write_map(int pid, const char *file, const char *map) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    long written = write(descriptor, map, strlen(map));
    int saved = errno;
    close(descriptor);
    errno = saved;
    return written == (long)strlen(map) ? 0 : -1;
}

// Waits until it is killed: a namespace lives as long as somebody is in it or has it open.
static int stay(void *parent) {
    // Should the one who wants the namespace die before it says so.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != *(int *)parent) _exit(0);
    for (;;) pause();
}

// A child in new namespaces that stays there until it is killed or this process dies.
static int hold(unsigned long namespaces) {
    char stack[4096] __attribute__((aligned(16)));
    sigset_t every, before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    // The process has a copy of this memory, and no signal that is meant for somebody else.
    int own = getpid();
    int pid = clone(stay, stack + sizeof stack, (int)namespaces | CLONE_UNTRACED | SIGCHLD, &own);
    int saved = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = saved;
    return pid;
}

int linux_user_namespace(const char *users, const char *groups) {
    int pid = hold(CLONE_NEWUSER), saved = errno, result = -1;
    if (pid > 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
        if (write_map(pid, "uid_map", users) == 0 && write_map(pid, "gid_map", groups) == 0)
            result = open(path, O_RDONLY | O_CLOEXEC);
        saved = errno;
        linux_end_holder(pid);
    }
    errno = saved;
    return result;
}

int linux_hold_user_space(void) { return hold(CLONE_NEWUSER | CLONE_NEWNS); }

void linux_end_holder(int pid) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

int linux_map_own_ids(int pid, unsigned int uid, unsigned int gid) {
    char users[32], groups[32];
    snprintf(users, sizeof users, "0 %u 1\n", uid);
    snprintf(groups, sizeof groups, "0 %u 1\n", gid);
    // The kernel wants it: who can drop groups could get around files that are closed to one of them.
    if (write_map(pid, "setgroups", "deny") < 0) return -1;
    if (write_map(pid, "uid_map", users) < 0) return -1;
    return write_map(pid, "gid_map", groups);
}

int linux_join_user_space(int user_namespace, int mount_namespace) {
    if (setns(user_namespace, CLONE_NEWUSER) < 0 || setns(mount_namespace, CLONE_NEWNS) < 0) return -1;
    // The kernel hides processes whose rights have grown from their own user; others of his must find this one.
    return prctl(PR_SET_DUMPABLE, 1);
}

int linux_namespace_owner(int descriptor, unsigned int *uid) { return ioctl(descriptor, NS_GET_OWNER_UID, uid); }

struct overlay {
    int context, count, upper, work, error;
    const int *lowers;
};

// In a thread of its own, whose working directory is its own: the names of descriptors in /proc/thread-self/fd are so
// short that many fit into the 255 bytes that a value may have.
static void *name_by_number(void *argument) {
    struct overlay *overlay = argument;
    char layers[256], upper[16], work[16];
    size_t used = 0;
    overlay->error = 0;
    for (int i = 0; i < overlay->count; i++) {
        int written = snprintf(layers + used, sizeof layers - used, "%s%d", i == 0 ? "" : ":", overlay->lowers[i]);
        used += (size_t)written;
        if (used >= sizeof layers) {
            overlay->error = E2BIG;
            return NULL;
        }
    }
    snprintf(upper, sizeof upper, "%d", overlay->upper);
    snprintf(work, sizeof work, "%d", overlay->work);
    if (unshare(CLONE_FS) < 0 || chdir("/proc/thread-self/fd") < 0 ||
        linux_fsconfig_string(overlay->context, "lowerdir", layers) < 0 ||
        (overlay->upper >= 0 && linux_fsconfig_string(overlay->context, "upperdir", upper) < 0) ||
        (overlay->upper >= 0 && linux_fsconfig_string(overlay->context, "workdir", work) < 0) ||
        linux_fsconfig_create(overlay->context) < 0)
        overlay->error = errno;
    return NULL;
}

int linux_overlay_by_number(int context, const int *lowers, int count, int upper, int work) {
    struct overlay overlay = {context, count, upper, work, 0, lowers};
    pthread_t thread;
    int result = pthread_create(&thread, NULL, name_by_number, &overlay);
    if (result == 0) {
        pthread_join(thread, NULL);
        result = overlay.error;
    }
    errno = result;
    return result == 0 ? 0 : -1;
}

int linux_namespace_kind(int descriptor) { return ioctl(descriptor, NS_GET_NSTYPE); }

// MARK: - Programs of the kernel

int linux_device_program_load(const void *instructions, size_t count) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.insns = (uint64_t)(uintptr_t)instructions;
    attributes.insn_cnt = (uint32_t)count;
    attributes.license = (uint64_t)(uintptr_t)"Apache-2.0";
    return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
}

int linux_device_program_attach(int program, int group) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.target_fd = (uint32_t)group;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = BPF_F_ALLOW_MULTI;
    return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof attributes);
}

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

int linux_close_at_execution_from(unsigned first) {
    return (int)syscall(SYS_close_range, first, ~0u, CLOSE_RANGE_CLOEXEC);
}
