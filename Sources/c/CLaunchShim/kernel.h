#pragma once
// What the shim needs of the kernel's interface: numbers, flags and structures, and how a call is made. The shim includes
// no header of the system, so that it is built alike on every machine and for both architectures.
#include <stdint.h>

#if defined(__x86_64__)
#define PER_MACHINE(x86_64, aarch64) x86_64
#elif defined(__aarch64__)
#define PER_MACHINE(x86_64, aarch64) aarch64
#else
#error "the launch shim knows x86_64 and aarch64"
#endif

// MARK: - System calls

enum {
    NR_accept4 = PER_MACHINE(288, 242),
    NR_capset = PER_MACHINE(126, 91),
    NR_chdir = PER_MACHINE(80, 49),
    NR_clone = PER_MACHINE(56, 220),
    NR_close = PER_MACHINE(3, 57),
    NR_close_range = PER_MACHINE(436, 436),
    NR_dup3 = PER_MACHINE(292, 24),
    NR_execve = PER_MACHINE(59, 221),
    NR_exit_group = PER_MACHINE(231, 94),
    NR_fchdir = PER_MACHINE(81, 50),
    NR_fchmod = PER_MACHINE(91, 52),
    NR_fchown = PER_MACHINE(93, 55),
    NR_fchownat = PER_MACHINE(260, 54),
    NR_fcntl = PER_MACHINE(72, 25),
    NR_fgetxattr = PER_MACHINE(193, 10),
    NR_flistxattr = PER_MACHINE(196, 13),
    NR_fsconfig = PER_MACHINE(431, 431),
    NR_fsetxattr = PER_MACHINE(190, 7),
    NR_fsmount = PER_MACHINE(432, 432),
    NR_fsopen = PER_MACHINE(430, 430),
    NR_fstatfs = PER_MACHINE(138, 44),
    NR_getcwd = PER_MACHINE(79, 17),
    NR_getdents64 = PER_MACHINE(217, 61),
    NR_getpid = PER_MACHINE(39, 172),
    NR_ioctl = PER_MACHINE(16, 29),
    NR_ioprio_set = PER_MACHINE(251, 30),
    NR_keyctl = PER_MACHINE(250, 219),
    NR_kill = PER_MACHINE(62, 129),
    NR_lseek = PER_MACHINE(8, 62),
    NR_mkdirat = PER_MACHINE(258, 34),
    NR_mknodat = PER_MACHINE(259, 33),
    NR_mmap = PER_MACHINE(9, 222),
    NR_mount_setattr = PER_MACHINE(442, 442),
    NR_move_mount = PER_MACHINE(429, 429),
    NR_open_tree = PER_MACHINE(428, 428),
    NR_newfstatat = PER_MACHINE(262, 79),
    NR_openat = PER_MACHINE(257, 56),
    NR_openat2 = PER_MACHINE(437, 437),
    NR_personality = PER_MACHINE(135, 92),
    NR_pivot_root = PER_MACHINE(155, 41),
    NR_prctl = PER_MACHINE(157, 167),
    NR_prlimit64 = PER_MACHINE(302, 261),
    NR_read = PER_MACHINE(0, 63),
    NR_readlinkat = PER_MACHINE(267, 78),
    NR_recvfrom = PER_MACHINE(45, 207),
    NR_rt_sigaction = PER_MACHINE(13, 134),
    NR_rt_sigprocmask = PER_MACHINE(14, 135),
    NR_rt_sigtimedwait = PER_MACHINE(128, 137),
    NR_sched_setattr = PER_MACHINE(314, 274),
    NR_seccomp = PER_MACHINE(317, 277),
    NR_sendmsg = PER_MACHINE(46, 211),
    NR_setdomainname = PER_MACHINE(171, 162),
    NR_setgroups = PER_MACHINE(116, 159),
    NR_sethostname = PER_MACHINE(170, 161),
    NR_setns = PER_MACHINE(308, 268),
    NR_setgid = PER_MACHINE(106, 144),
    NR_setpgid = PER_MACHINE(109, 154),
    NR_setsid = PER_MACHINE(112, 157),
    NR_setuid = PER_MACHINE(105, 146),
    NR_socket = PER_MACHINE(41, 198),
    NR_statx = PER_MACHINE(332, 291),
    NR_symlinkat = PER_MACHINE(266, 36),
    NR_umask = PER_MACHINE(95, 166),
    NR_umount2 = PER_MACHINE(166, 39),
    NR_unshare = PER_MACHINE(272, 97),
    NR_wait4 = PER_MACHINE(61, 260),
    NR_write = PER_MACHINE(1, 64),
};

#if defined(__x86_64__)
static inline long call6(long number, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#define START_WITH(function) __asm__(".globl _start\n_start: xor %ebp, %ebp\n and $-16, %rsp\n call " #function "\n");
#else
static inline long call6(long number, long a, long b, long c, long d, long e, long f) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
#define START_WITH(function) __asm__(".globl _start\n_start: mov x29, xzr\n mov x30, xzr\n bl " #function "\n");
#endif

static inline long call5(long n, long a, long b, long c, long d, long e) { return call6(n, a, b, c, d, e, 0); }
static inline long call4(long n, long a, long b, long c, long d) { return call6(n, a, b, c, d, 0, 0); }
static inline long call3(long n, long a, long b, long c) { return call6(n, a, b, c, 0, 0, 0); }
static inline long call2(long n, long a, long b) { return call6(n, a, b, 0, 0, 0, 0); }
static inline long call1(long n, long a) { return call6(n, a, 0, 0, 0, 0, 0); }
static inline long call0(long n) { return call6(n, 0, 0, 0, 0, 0, 0); }

// MARK: - Errors and signals

enum {
    EPERM = 1, ENOENT = 2, EINTR = 4, EIO = 5, EBADF = 9, ECHILD = 10, EAGAIN = 11, EACCES = 13, EEXIST = 17, EXDEV = 18,
    ENODEV = 19, ENOTDIR = 20, EINVAL = 22, EROFS = 30, ENAMETOOLONG = 36, ENOSYS = 38, ELOOP = 40, ENODATA = 61,
    EOVERFLOW = 75, EOPNOTSUPP = 95, ESTALE = 116,
};
enum { SIGCHLD = 17, SIG_SETMASK = 2, WNOHANG = 1 };

struct signal_action {
    uint64_t handler, flags, restorer, mask;
};

// MARK: - Files

enum { PATH_LIMIT = 4096 };
enum {
    O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_EXCL = 0200, O_NOCTTY = 0400, O_NONBLOCK = 04000,
    O_CLOEXEC = 02000000,
    O_PATH = 010000000, O_DIRECTORY = PER_MACHINE(0200000, 040000), O_NOFOLLOW = PER_MACHINE(0400000, 0100000),
};
enum { F_DUPFD_CLOEXEC = 1030, IOPRIO_WHO_PROCESS = 1 };
enum { AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, AT_EMPTY_PATH = 0x1000, AT_RECURSIVE = 0x8000 };
enum { S_IFMT = 0170000, S_IFDIR = 0040000, S_IFCHR = 0020000, S_IFREG = 0100000, S_IFLNK = 0120000, SEEK_SET = 0 };
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MAP_PRIVATE = 2, STATX_BASIC_STATS = 0x7ff, PROC_SUPER_MAGIC = 0x9fa0 };
enum { DEVPTS_SUPER_MAGIC = 0x1cd1, CLONE_PIDFD = 0x1000, CLONE_PARENT = 0x8000 };

struct open_how {
    uint64_t flags, mode, resolve;
};
enum {
    RESOLVE_NO_XDEV = 1, RESOLVE_NO_MAGICLINKS = 2, RESOLVE_NO_SYMLINKS = 4, RESOLVE_BENEATH = 8, RESOLVE_IN_ROOT = 16,
};

struct statx {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, uid, gid;
    uint16_t mode, unused;
    uint64_t inode, size, blocks, attributes_mask;
    uint64_t times[8];
    uint32_t rdev_major, rdev_minor, device_major, device_minor;
    uint64_t spare[14];
};
_Static_assert(sizeof(struct statx) == 256, "statx");

// What newfstatat fills, as far as it is looked at.
struct stat {
#if defined(__x86_64__)
    uint64_t device, inode, links;
#else
    uint64_t device, inode;
#endif
    uint32_t mode;
    uint8_t rest[256];
};

// An entry of a directory; its name ends in a zero.
struct entry {
    uint64_t inode;
    int64_t next;  // where the directory goes on behind it
    uint16_t size;
    uint8_t type;
    char name[];
};

struct statfs {
    int64_t type;
    uint64_t rest[14];
};
_Static_assert(sizeof(struct statfs) == 120, "statfs");

// MARK: - Mounts

enum {
    FSOPEN_CLOEXEC = 1, FSMOUNT_CLOEXEC = 1, FSCONFIG_SET_FLAG = 0, FSCONFIG_SET_STRING = 1, FSCONFIG_CMD_CREATE = 6,
    CLOSE_RANGE_CLOEXEC = 4, OPEN_TREE_CLONE = 1, OPEN_TREE_CLOEXEC = O_CLOEXEC, MOVE_MOUNT_F_EMPTY_PATH = 4, MOVE_MOUNT_T_EMPTY_PATH = 0x40,
    MOUNT_ATTR_RDONLY = 1, MS_PRIVATE = 1 << 18, MNT_DETACH = 2,
};

struct mount_attr {
    uint64_t set, clear, propagation, user_namespace;
};

// MARK: - Sockets and terminals

enum { AF_INET = 2, SOCK_DGRAM = 2, SOCK_CLOEXEC = O_CLOEXEC, SIOCSIFFLAGS = 0x8914, IFF_UP = 1 };
enum { SOL_SOCKET = 1, SCM_RIGHTS = 1, MSG_PEEK = 2, MSG_DONTWAIT = 0x40 };
enum {
    TIOCSCTTY = 0x540e, TIOCSPGRP = 0x5410, TIOCSWINSZ = 0x5414, TIOCSPTLCK = 0x40045431, TIOCGPTPEER = 0x5441,
};

struct interface_request {
    char name[16];
    uint16_t flags;
    uint8_t rest[22];
};
struct window_size {
    uint16_t rows, columns, width, height;
};
struct vector {
    const void *bytes;
    uint64_t size;
};
struct message {
    void *name;
    uint32_t name_size, unused;
    struct vector *vectors;
    uint64_t vector_count;
    void *control;
    uint64_t control_size;
    uint32_t flags, unused_too;
};
// A control message with one descriptor; its size counts up to the descriptor's end.
struct rights {
    uint64_t size;
    int32_t level, type, descriptor, padding;
};

// MARK: - Processes

enum {
    PR_SET_PDEATHSIG = 1, PR_SET_DUMPABLE = 4, PR_SET_KEEPCAPS = 8, PR_SET_NAME = 15, PR_CAPBSET_DROP = 24,
    PR_SET_NO_NEW_PRIVS = 38, PR_CAP_AMBIENT = 47, PR_CAP_AMBIENT_RAISE = 2, PR_CAP_AMBIENT_CLEAR_ALL = 4,
    LINUX_CAPABILITY_VERSION_3 = 0x20080522, SECCOMP_SET_MODE_FILTER = 1,
    SECCOMP_FILTER_FLAG_NEW_LISTENER = 8, KEYCTL_JOIN_SESSION_KEYRING = 1,
};

struct filter_program {
    uint16_t count;
    const void *instructions;
};
