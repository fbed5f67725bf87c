// The program that enters a container: carries out a launch plan (include/CLaunchShim.h) and executes what it names.
//
// It runs as root of the host inside the container's namespaces, so it is kept small and dumb: no C library, no heap, no
// threads, no policy, nothing read but the plan. It is executed from a sealed memfd, so that nothing in the container can
// reach a file of the host through /proc/PID/exe. Every offset is checked against the plan's size, every call's result is
// looked at, and every path is resolved by openat2 below a directory of the container, never below the host's root.
//
// The hosted build of this folder skips this file; build-shim compiles it on its own.
#ifdef SOCLE_LAUNCH_SHIM

#include <stddef.h>

#include "include/CLaunchShim.h"
#include "kernel.h"

// MARK: - State

static uint8_t *plan;           // the mapped plan
static uint8_t *pool;           // its strings, data and lists
static uint64_t pool_size;
static int slots[SHIM_SLOTS];   // descriptors by slot; -1 is none
static uint32_t current;        // the running operation's index, for reports
static volatile struct shim_header *shared;  // the plan's header as the parent sees it
static int takes_signals;       // whether they are let through by now
static int report_socket = SHIM_REPORT_FD;
static char **last_words;       // what the container itself says of a failed execution, by errno
static uint64_t last_word_count;

struct operation {
    uint64_t *words;
    uint32_t count;
};

// MARK: - Reports

static _Noreturn void leave(int status) {
    call1(NR_exit_group, status);
    // The container's filter refuses even that. No filter stands between a program and what it does wrong.
    for (;;) __builtin_trap();
}

static _Noreturn void fail_with(long error, uint32_t detail) {
    struct shim_report report = {SHIM_FAILED, current, (uint32_t)error, detail};
    call3(NR_write, report_socket, (long)&report, sizeof report);
    leave(127);
}

static _Noreturn void fail(long error) { fail_with(error, 0); }

// Ends with a report where the kernel answered with an error.
static long must(long result) {
    if (result < 0 && result > -4096) fail(-result);
    return result;
}

// MARK: - Reading the plan

static uint64_t number(const struct operation *op, uint32_t index) {
    if (index >= op->count) fail(EINVAL);
    return op->words[index];
}

static char *pool_text(uint64_t offset) {
    // The pool's last byte is zero, so a string that begins inside also ends inside.
    if (offset >= pool_size) fail(EINVAL);
    return (char *)pool + offset;
}

static char *text(const struct operation *op, uint32_t index) { return pool_text(number(op, index)); }

static uint8_t *data(const struct operation *op, uint32_t index, uint64_t *size) {
    uint64_t offset = number(op, index);
    *size = number(op, index + 1);
    if (offset > pool_size || *size > pool_size - offset) fail(EINVAL);
    return pool + offset;
}

// A list of strings as the kernel wants argv: offsets become addresses in place, behind the last comes a null.
static char **list(const struct operation *op, uint32_t index, uint64_t *count) {
    uint64_t offset = number(op, index);
    *count = number(op, index + 1);
    if (offset % 8 != 0 || offset > pool_size || *count >= (pool_size - offset) / 8) fail(EINVAL);
    uint64_t *entries = (uint64_t *)(pool + offset);
    for (uint64_t i = 0; i < *count; i++) entries[i] = entries[i] == 0 ? 0 : (uint64_t)pool_text(entries[i]);
    entries[*count] = 0;
    return (char **)entries;
}

static int slot(const struct operation *op, uint32_t index) {
    uint64_t which = number(op, index);
    if (which >= SHIM_SLOTS || slots[which] < 0) fail(EBADF);
    return slots[which];
}

static void fill_slot(const struct operation *op, uint32_t index, int descriptor) {
    uint64_t which = number(op, index);
    if (which >= SHIM_SLOTS || slots[which] >= 0) fail(EBADF);
    slots[which] = descriptor;
}

// MARK: - Strings

static uint64_t length(const char *string) {
    uint64_t count = 0;
    while (string[count] != 0) count++;
    return count;
}

// Appends `size` bytes at `*used` of a path buffer and ends it with a zero.
static void append(char *buffer, uint64_t *used, const char *bytes, uint64_t size) {
    if (*used + size + 1 > PATH_LIMIT) fail(ENAMETOOLONG);
    for (uint64_t i = 0; i < size; i++) buffer[*used + i] = bytes[i];
    *used += size;
    buffer[*used] = 0;
}

// MARK: - Paths of the container

// openat2; a rename elsewhere on the machine makes the kernel ask for another try.
static long resolve(int directory, const char *path, uint64_t flags, uint64_t limits) {
    struct open_how how = {flags | O_CLOEXEC, 0, limits | RESOLVE_NO_MAGICLINKS};
    long result;
    do result = call4(NR_openat2, directory, (long)path, (long)&how, sizeof how);
    while (result == -EAGAIN || result == -EINTR);
    return result;
}

// Puts the target of the dangling link that ends `path[0..<end]` in its place; `start` is where its name begins.
static void follow_dangling(char *path, int parent, uint64_t start, uint64_t end) {
    static char target[PATH_LIMIT], rest[PATH_LIMIT], name[PATH_LIMIT];
    uint64_t used = 0;
    append(name, &used, path + start, end - start);
    long size = must(call4(NR_readlinkat, parent, (long)name, (long)target, PATH_LIMIT - 1));
    used = 0;
    append(rest, &used, path + end, length(path + end));
    used = target[0] == '/' ? 0 : start;
    append(path, &used, target, (uint64_t)size);
    append(path, &used, rest, length(rest));
}

// Makes the first step of `path` that is missing: a directory, or a file where it is the last and one is wanted.
// A step that is a dangling link is replaced in `path` by what it points to.
static void make_missing(int root, char *path, int wants_file, uint64_t limits) {
    static char step[PATH_LIMIT];
    int parent = root;
    uint64_t start = 0;
    for (;;) {
        while (path[start] == '/') start++;
        uint64_t end = start;
        while (path[end] != 0 && path[end] != '/') end++;
        uint64_t next = end;
        while (path[next] == '/') next++;
        if (end == start) fail(ENOENT);

        uint64_t used = 0;
        append(step, &used, path, end);
        long found = resolve(root, step, O_PATH, limits);
        if (found == -ENOENT) {
            used = 0;
            append(step, &used, path + start, end - start);
            long made = wants_file && path[next] == 0
                ? call4(NR_openat, parent, (long)step, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0755)
                : call3(NR_mkdirat, parent, (long)step, 0755);
            if (made == -EEXIST) follow_dangling(path, parent, start, end);
            else must(made);
            if (made > 0) call1(NR_close, made);
            if (parent != root) call1(NR_close, parent);
            return;
        }
        must(found);
        if (parent != root) call1(NR_close, parent);
        parent = (int)found;
        start = end;
    }
}

// A reference to `path` as a process sees it whose root is `root`; what is missing is made.
static int locate(int root, const char *path, int wants_file, uint64_t limits) {
    static char wanted[PATH_LIMIT];
    uint64_t used = 0;
    append(wanted, &used, path, length(path));
    if (used == 0) append(wanted, &used, "/", 1);
    for (int round = 0; round < 256; round++) {
        long found = resolve(root, wanted, O_PATH, RESOLVE_IN_ROOT | limits);
        if (found != -ENOENT) return (int)must(found);
        make_missing(root, wanted, wants_file, RESOLVE_IN_ROOT | limits);
    }
    fail(ELOOP);
}

// The directory that holds the last step of `path`, made if missing, and that step's name. Close it if it isn't `root`.
static int parent_of(int root, const char *path, const char **name) {
    static char leading[PATH_LIMIT];
    uint64_t cut = 0;
    for (uint64_t i = 0; path[i] != 0; i++) if (path[i] == '/') cut = i + 1;
    *name = path + cut;
    if (cut == 0) return root;
    uint64_t used = 0;
    append(leading, &used, path, cut);
    return locate(root, leading, 0, 0);
}

static void close_unless(int descriptor, int kept) {
    if (descriptor != kept) call1(NR_close, descriptor);
}

static struct statx status_of(int descriptor) {
    struct statx status = {0};
    must(call5(NR_statx, descriptor, (long)"", AT_EMPTY_PATH, STATX_BASIC_STATS, (long)&status));
    return status;
}

static int is_null_device(const struct statx *status) {
    return (status->mode & S_IFMT) == S_IFCHR && status->rdev_major == 1 && status->rdev_minor == 3;
}

static long device_number(uint32_t major, uint32_t minor) {
    return (long)((minor & 0xff) | ((major & 0xfff) << 8) | ((uint64_t)(minor & ~0xffu) << 12));
}

// MARK: - Mounts

static void set_attributes(int tree, const char *path, uint64_t set, uint64_t clear, uint64_t propagation, int recursive) {
    struct mount_attr attributes = {set, clear, propagation, 0};
    long flags = (path[0] == 0 ? AT_EMPTY_PATH : 0) | (recursive ? AT_RECURSIVE : 0);
    must(call5(NR_mount_setattr, tree, (long)path, flags, (long)&attributes, sizeof attributes));
}

static void move_onto(int tree, int target) {
    must(call5(NR_move_mount, tree, (long)"", target, (long)"", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

static void make_private(const struct operation *op) {
    (void)op;
    // Else unmounting the host's root below would be told to the host.
    set_attributes(AT_FDCWD, "/", 0, 0, MS_PRIVATE, 1);
}

static void mount_new(const struct operation *op) {
    uint64_t count;
    long context = must(call2(NR_fsopen, (long)text(op, 1), FSOPEN_CLOEXEC));
    char **options = list(op, 3, &count);
    if (count % 2 != 0) fail(EINVAL);
    for (uint64_t i = 0; i < count; i += 2) {
        long command = options[i + 1] == NULL ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
        long result = call5(NR_fsconfig, context, command, (long)options[i], (long)options[i + 1], 0);
        if (result < 0) fail_with(-result, (uint32_t)i / 2 + 1);
    }
    must(call5(NR_fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0));
    fill_slot(op, 0, (int)must(call3(NR_fsmount, context, FSMOUNT_CLOEXEC, (long)number(op, 2))));
    call1(NR_close, context);
}

static void copy_mode(int from, int to) {
    // The tree's descriptor is only a reference; changing the mode takes an open directory.
    long directory = must(call4(NR_openat, to, (long)".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
    must(call2(NR_fchmod, directory, status_of(from).mode & 07777));
    call1(NR_close, directory);
}

// MARK: - What a new file system is filled with

// A directory itself, of a reference to it.
static int open_directory(int directory, const char *path) {
    return (int)must(resolve(directory, path, O_RDONLY | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
}

static struct statx status_at(int directory, const char *name) {
    struct statx status = {0};
    must(call5(NR_statx, directory, (long)name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, (long)&status));
    return status;
}

// An owner whom the container's namespace doesn't know is the kernel's EINVAL, which says nothing.
static void must_own(long result) { must(result == -EINVAL ? -EOVERFLOW : result); }

// The owner first, which takes rights from a file, then the mode, then attributes, which give some.
static void copy_attributes(int from, int to) {
    static char names[65536], value[65536];
    struct statx status = status_of(from);
    must_own(call3(NR_fchown, to, status.uid, status.gid));
    must(call2(NR_fchmod, to, status.mode & 07777));
    long size = call3(NR_flistxattr, from, (long)names, sizeof names);
    if (size == -EOPNOTSUPP) return;
    must(size);
    for (char *name = names; name < names + size; name += length(name) + 1) {
        long bytes = call4(NR_fgetxattr, from, (long)name, (long)value, sizeof value);
        if (bytes == -ENODATA) continue;
        long result = call5(NR_fsetxattr, to, (long)name, (long)value, must(bytes), 0);
        // What this file system or this namespace can't have.
        if (result != -EOPNOTSUPP && result != -EPERM) must(result);
    }
}

static void copy_file(int from, int to, const char *name) {
    static char block[65536];
    // Whatever stands there by now, opening it waits for nobody.
    long source = must(call4(NR_openat, from, (long)name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0));
    if ((status_of((int)source).mode & S_IFMT) != S_IFREG) fail(ESTALE);
    long copy = must(call4(NR_openat, to, (long)name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0600));
    for (;;) {
        long size = must(call3(NR_read, source, (long)block, sizeof block));
        if (size == 0) break;
        for (long done = 0; done < size;) done += must(call3(NR_write, copy, (long)block + done, size - done));
    }
    copy_attributes((int)source, (int)copy);
    call1(NR_close, source);
    call1(NR_close, copy);
}

// A file of any kind but a directory. Hard links become files of their own.
static void copy_entry(int from, int to, const char *name, const struct statx *status) {
    static char target[PATH_LIMIT];
    uint32_t kind = status->mode & S_IFMT;
    if (kind == S_IFREG) return copy_file(from, to, name);
    if (kind == S_IFLNK) {
        long size = must(call4(NR_readlinkat, from, (long)name, (long)target, PATH_LIMIT - 1));
        target[size] = 0;
        must(call3(NR_symlinkat, (long)target, to, (long)name));
    } else {
        must(call4(NR_mknodat, to, (long)name, status->mode, device_number(status->rdev_major, status->rdev_minor)));
    }
    must_own(call5(NR_fchownat, to, (long)name, status->uid, status->gid, AT_SYMLINK_NOFOLLOW));
}

// Copies what is in one directory into another one, however deep it goes: two of each are open at a time. Nothing is followed, and
// nothing that anybody else exchanges meanwhile leads elsewhere.
static void copy_tree_up(int source, int destination) {
    static char path[PATH_LIMIT];
    static int64_t places[PATH_LIMIT / 2];  // where each directory on the way goes on
    static uint64_t entries[4096];
    uint64_t used = 0, depth = 0;
    int from = open_directory(source, "."), to = open_directory(destination, ".");
    append(path, &used, ".", 1);
    for (;;) {
        long size = must(call3(NR_getdents64, from, (long)entries, sizeof entries)), at = 0;
        if (size == 0 && depth == 0) break;
        int moved = size == 0;
        if (moved) {
            while (path[--used] != '/') {}
            path[used] = 0;
            depth--;
        }
        while (at < size && !moved) {
            struct entry *entry = (struct entry *)((char *)entries + at);
            const char *name = entry->name;
            at += entry->size;
            if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) continue;
            struct statx status = status_at(from, name);
            moved = (status.mode & S_IFMT) == S_IFDIR;
            if (!moved) {
                copy_entry(from, to, name, &status);
                continue;
            }
            must(call3(NR_mkdirat, to, (long)name, 0700));
            append(path, &used, "/", 1);
            append(path, &used, name, length(name));
            places[depth++] = entry->next;
        }
        if (!moved) continue;
        call1(NR_close, from);
        call1(NR_close, to);
        from = open_directory(source, path);
        to = open_directory(destination, path);
        if (size == 0) must(call3(NR_lseek, from, places[depth], SEEK_SET));
        else copy_attributes(from, to);
    }
    call1(NR_close, from);
    call1(NR_close, to);
}

static void attach(const struct operation *op) {
    int tree = slot(op, 0), root = slot(op, 1);
    uint64_t flags = number(op, 3);
    uint64_t limits = flags & SHIM_ATTACH_NO_LINKS ? RESOLVE_NO_SYMLINKS : 0;
    int target;
    if (flags & SHIM_ATTACH_KEEP_MODE) {
        // A directory that is only made now has no mode to keep.
        long found = resolve(root, text(op, 2), O_PATH, RESOLVE_IN_ROOT | limits);
        if (found >= 0) copy_mode((int)found, tree);
        if (found >= 0) call1(NR_close, found);
    }
    target = locate(root, text(op, 2), (flags & SHIM_ATTACH_FILE) != 0, limits);
    if (!(flags & SHIM_ATTACH_ON_PROC)) {
        struct statfs status;
        must(call2(NR_fstatfs, target, (long)&status));
        if (status.type == PROC_SUPER_MAGIC) fail(EPERM);
    }
    if (flags & SHIM_ATTACH_COPY_UP) copy_tree_up(target, tree);
    move_onto(tree, target);
    call1(NR_close, target);
}

static void set_slot_attributes(const struct operation *op) {
    set_attributes(slot(op, 0), "", number(op, 1), number(op, 2), number(op, 3), number(op, 4) != 0);
}

static void stage_root(const struct operation *op) {
    must(call5(NR_move_mount, slot(op, 0), (long)"", AT_FDCWD, (long)text(op, 1), MOVE_MOUNT_F_EMPTY_PATH));
}

static void enter_root(const struct operation *op) {
    must(call1(NR_fchdir, slot(op, 0)));
    // The old root lands on top of the new one, and is taken away from there.
    must(call2(NR_pivot_root, (long)".", (long)"."));
    must(call2(NR_umount2, (long)".", MNT_DETACH));
    must(call1(NR_chdir, (long)"/"));
}

// Another mount of the same tree. Before Linux 6.15 a tree that is mounted nowhere can't be copied: then it is used up
// itself, and copies can be made from there on.
static int copy_tree(int tree) {
    long copy = call3(NR_open_tree, tree, (long)"", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    return copy == -EINVAL ? tree : (int)must(copy);
}

static void mask(const struct operation *op) {
    long target = resolve(slot(op, 0), text(op, 1), O_PATH, RESOLVE_IN_ROOT);
    if (target == -ENOENT || target == -ENOTDIR) return;
    must(target);
    int is_directory = (status_of((int)target).mode & S_IFMT) == S_IFDIR;
    int cover = slot(op, is_directory ? 2 : 3);
    int copy = copy_tree(cover);
    move_onto(copy, (int)target);
    close_unless(copy, cover);
    call1(NR_close, target);
}

static void read_only(const struct operation *op) {
    long target = resolve(slot(op, 0), text(op, 1), O_PATH, RESOLVE_IN_ROOT);
    if (target == -ENOENT || target == -ENOTDIR) return;
    must(target);
    long copy = must(call3(
        NR_open_tree, target, (long)"", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH));
    set_attributes((int)copy, "", MOUNT_ATTR_RDONLY, 0, 0, 1);
    move_onto((int)copy, (int)target);
    call1(NR_close, copy);
    call1(NR_close, target);
}

// MARK: - Files of the container

static void make_directory(const struct operation *op) {
    const char *name;
    int root = slot(op, 0), parent = parent_of(root, text(op, 1), &name);
    long made = call3(NR_mkdirat, parent, (long)name, (long)number(op, 2));
    if (made == -EEXIST) {
        // Whatever stands there must lead to a directory, or the next step would fail in a less obvious way.
        long found = must(resolve(root, text(op, 1), O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT));
        call1(NR_close, found);
    } else {
        must(made);
    }
    close_unless(parent, root);
}

static void make_symlink(const struct operation *op) {
    const char *name;
    int root = slot(op, 0), parent = parent_of(root, text(op, 1), &name);
    long made = call3(NR_symlinkat, (long)text(op, 2), parent, (long)name);
    if (made != -EEXIST) must(made);
    close_unless(parent, root);
}

static void make_node(const struct operation *op) {
    const char *name;
    int root = slot(op, 0), parent = parent_of(root, text(op, 1), &name);
    uint32_t mode = (uint32_t)number(op, 2), major = (uint32_t)number(op, 3), minor = (uint32_t)number(op, 4);
    long made = call4(NR_mknodat, parent, (long)name, mode, device_number(major, minor));
    if (made == -EEXIST) {
        struct statx status = {0};
        must(call5(NR_statx, parent, (long)name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, (long)&status));
        if ((status.mode & S_IFMT) != (mode & S_IFMT) || status.rdev_major != major || status.rdev_minor != minor)
            fail(EEXIST);
    } else {
        must(made);
        must(call5(NR_fchownat, parent, (long)name, (long)number(op, 5), (long)number(op, 6), AT_SYMLINK_NOFOLLOW));
    }
    close_unless(parent, root);
}

static void open_reference(const struct operation *op) {
    long found = must(resolve(slot(op, 1), text(op, 2), O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
    fill_slot(op, 0, (int)found);
}

static void write_file(const struct operation *op) {
    uint64_t size;
    uint8_t *bytes = data(op, 2, &size);
    long file = must(resolve(slot(op, 0), text(op, 1), O_WRONLY, RESOLVE_BENEATH | RESOLVE_NO_XDEV));
    if ((uint64_t)must(call3(NR_write, file, (long)bytes, (long)size)) != size) fail(EIO);
    call1(NR_close, file);
}

static void change_directory(const struct operation *op) {
    static char where[PATH_LIMIT];
    long directory = must(resolve(slot(op, 0), text(op, 1), O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT));
    must(call1(NR_fchdir, directory));
    call1(NR_close, directory);
    must(call2(NR_getcwd, (long)where, PATH_LIMIT));
    if (where[0] != '/') fail(EXDEV);  // "(unreachable)…": a directory of somebody else
}

// MARK: - Namespaces and groups

static void join_group(const struct operation *op) { must(call3(NR_write, slot(op, 0), (long)"0", 1)); }

static void unshare_namespaces(const struct operation *op) { must(call1(NR_unshare, (long)number(op, 0))); }

static void join_namespace(const struct operation *op) { must(call2(NR_setns, slot(op, 0), (long)number(op, 1))); }

static void host_name(const struct operation *op) {
    must(call2(NR_sethostname, (long)text(op, 0), (long)length(text(op, 0))));
}

static void domain_name(const struct operation *op) {
    must(call2(NR_setdomainname, (long)text(op, 0), (long)length(text(op, 0))));
}

static void loopback_up(const struct operation *op) {
    (void)op;
    struct interface_request request = {{'l', 'o'}, IFF_UP, {0}};
    long socket = must(call3(NR_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    must(call3(NR_ioctl, socket, SIOCSIFFLAGS, (long)&request));
    call1(NR_close, socket);
}

static void session_keyring(const struct operation *op) {
    long result = call2(NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, (long)text(op, 0));
    if (result != -ENOSYS) must(result);
}

// MARK: - Streams and the terminal

// Sends a descriptor to the parent.
static void send_descriptor(uint32_t kind, long descriptor, uint32_t detail) {
    struct shim_report report = {kind, current, 0, detail};
    struct vector vector = {&report, sizeof report};
    struct rights rights = {sizeof rights - 4, SOL_SOCKET, SCM_RIGHTS, (int)descriptor, 0};
    struct message message = {NULL, 0, 0, &vector, 1, &rights, sizeof rights, 0, 0};
    must(call3(NR_sendmsg, report_socket, (long)&message, 0));
}

// Opens a new terminal of the devpts at `folder`, and tells the parent of its master.
static long new_terminal(int folder, const struct operation *op, uint32_t index) {
    struct window_size size = {(uint16_t)number(op, index), (uint16_t)number(op, index + 1), 0, 0};
    int unlocked = 0;
    long master = must(resolve(folder, "ptmx", O_RDWR | O_NOCTTY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
    must(call3(NR_ioctl, master, TIOCSPTLCK, (long)&unlocked));
    // The other end comes from the master itself: no name of /dev/pts is looked up.
    long terminal = must(call3(NR_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    must(call3(NR_ioctl, terminal, TIOCSWINSZ, (long)&size));
    send_descriptor(SHIM_TERMINAL, master, 0);
    call1(NR_close, master);
    return terminal;
}

static void take_terminal(long terminal) {
    must(call3(NR_ioctl, terminal, TIOCSCTTY, 0));
    for (int stream = 0; stream < 3; stream++) must(call3(NR_dup3, terminal, stream, 0));
    call1(NR_close, terminal);
}

static void open_terminal(const struct operation *op) {
    long terminal = new_terminal(slot(op, 0), op, 2);
    int console = locate(slot(op, 1), "console", 1, RESOLVE_NO_SYMLINKS);
    long tree = must(call3(NR_open_tree, terminal, (long)"", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
    move_onto((int)tree, console);
    take_terminal(terminal);
    call1(NR_close, tree);
    call1(NR_close, console);
}

// The container's program could have mounted something else at /dev/pts by now.
static void join_terminal(const struct operation *op) {
    struct statfs status;
    long folder = must(resolve(slot(op, 0), "dev/pts", O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
    must(call2(NR_fstatfs, folder, (long)&status));
    if (status.type != DEVPTS_SUPER_MAGIC) fail(ENODEV);
    take_terminal(new_terminal((int)folder, op, 1));
    call1(NR_close, folder);
}

// A stream on the host's /dev/null would be a descriptor of a host's file system: the container's own takes its place.
static void null_streams(const struct operation *op) {
    for (int stream = 0; stream < 3; stream++) {
        struct statx status = status_of(stream);
        if (!is_null_device(&status)) continue;
        long own = must(resolve(slot(op, 0), text(op, 1), O_RDWR, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS));
        status = status_of((int)own);
        if (!is_null_device(&status)) fail(ENODEV);
        must(call3(NR_dup3, own, stream, 0));
        call1(NR_close, own);
    }
}

// So that a program that isn't root can open /dev/stdout again.
static void own_streams(const struct operation *op) {
    for (int stream = 0; stream < 3; stream++) {
        struct statx status = status_of(stream);
        if (is_null_device(&status) || status.uid == number(op, 0)) continue;
        long result = call3(NR_fchown, stream, (long)number(op, 0), -1);
        if (result != -EINVAL && result != -EPERM && result != -EROFS) must(result);
    }
}

// MARK: - The process

static void resource_limit(const struct operation *op) {
    uint64_t limit[2] = {number(op, 1), number(op, 2)};
    must(call4(NR_prlimit64, 0, (long)number(op, 0), (long)limit, 0));
}

static void file_mode_mask(const struct operation *op) { call1(NR_umask, (long)number(op, 0)); }

static void new_session(const struct operation *op) {
    (void)op;
    must(call0(NR_setsid));
}

static void bounding_set(const struct operation *op) {
    for (int capability = 0; capability < 64; capability++) {
        if (number(op, 0) >> capability & 1) continue;
        long result = call5(NR_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
        if (result == -EINVAL) return;  // beyond the last one that this kernel knows
        must(result);
    }
}

static void identity(const struct operation *op) {
    uint64_t size;
    uint8_t *groups = data(op, 2, &size);
    long uid = (long)number(op, 0), gid = (long)number(op, 1);
    must(call5(NR_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0));
    must(call2(NR_setgroups, (long)(size / 4), (long)groups));
    // All of them, since root asks; a filter that lets runc do so lets this one.
    must(call1(NR_setgid, gid));
    must(call1(NR_setuid, uid));
    must(call5(NR_prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0));
}

static void capabilities(const struct operation *op) {
    uint64_t effective = number(op, 0), permitted = number(op, 1), inheritable = number(op, 2);
    uint32_t header[2] = {LINUX_CAPABILITY_VERSION_3, 0};
    uint32_t sets[6] = {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable,
        (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)};
    must(call2(NR_capset, (long)header, (long)sets));
    must(call5(NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    for (int capability = 0; capability < 64; capability++)
        if (number(op, 3) >> capability & 1)
            must(call5(NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0));
}

static void no_new_privileges(const struct operation *op) {
    (void)op;
    must(call5(NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static long mask_signals(uint64_t blocked) {
    takes_signals = blocked == 0;
    return call4(NR_rt_sigprocmask, SIG_SETMASK, (long)&blocked, 0, sizeof blocked);
}

// Reports, and waits until the parent says that it may go on.
static void ask_parent(uint32_t kind, uint32_t detail) {
    struct shim_report report = {kind, current, 0, detail};
    char byte;
    must(call3(NR_write, report_socket, (long)&report, sizeof report));
    // A parent that is gone can't have finished what this waits for.
    if (call6(NR_recvfrom, report_socket, (long)&byte, 1, 0, 0, 0) != 1) leave(127);
}

// Where the filter asks somebody, the parent takes the descriptor at which it does: of all calls, this one has to write alone
// until somebody answers.
static void seccomp(const struct operation *op) {
    uint64_t size;
    uint8_t *instructions = data(op, 1, &size);
    if (size % 8 != 0 || size / 8 > 4096) fail(EINVAL);
    // The filter need not allow it: whoever wrote it thinks of a program that was never asked to block any.
    must(mask_signals(0));
    struct filter_program program = {(uint16_t)(size / 8), instructions};
    long listener = must(call3(NR_seccomp, SECCOMP_SET_MODE_FILTER, (long)number(op, 0), (long)&program));
    if (!(number(op, 0) & SECCOMP_FILTER_FLAG_NEW_LISTENER)) return;
    ask_parent(SHIM_LISTENER, (uint32_t)listener);
    call1(NR_close, listener);
}

static void death_signal(const struct operation *op) {
    must(call5(NR_prctl, PR_SET_PDEATHSIG, (long)number(op, 0), 0, 0, 0));
    // A parent that ended before this could not send it; its end of the socket is closed then.
    char byte;
    if (call6(NR_recvfrom, report_socket, (long)&byte, 1, MSG_DONTWAIT | MSG_PEEK, 0, 0) == 0) leave(127);
}

static void personality(const struct operation *op) { must(call1(NR_personality, (long)number(op, 0))); }

static void io_priority(const struct operation *op) {
    must(call3(NR_ioprio_set, IOPRIO_WHO_PROCESS, 0, (long)number(op, 0)));
}

static void scheduler(const struct operation *op) {
    uint64_t size;
    uint8_t *attributes = data(op, 0, &size);
    if (size < 4 || *(uint32_t *)attributes != size) fail(EINVAL);
    must(call3(NR_sched_setattr, 0, (long)attributes, 0));
}

// MARK: - Waiting for others

static void pause_plan(const struct operation *op) {
    (void)op;
    ask_parent(SHIM_REACHED, 0);
}

static void await_start(const struct operation *op) {
    last_words = list(op, 1, &last_word_count);
    long starter = must(call4(NR_accept4, slot(op, 0), 0, 0, SOCK_CLOEXEC));
    must(call3(NR_dup3, starter, report_socket, O_CLOEXEC));
    call1(NR_close, starter);
}

// Before a filter is loaded, which could refuse this: nothing of the host's may be open in the program.
static void seal(const struct operation *op) {
    uint64_t first = number(op, 0), count = number(op, 1);
    if (first > SHIM_SLOTS || count > SHIM_SLOTS - first) fail(EINVAL);
    int limit = SHIM_REPORT_FD + (int)count;
    if (report_socket < limit)
        report_socket = (int)must(call3(NR_fcntl, report_socket, F_DUPFD_CLOEXEC, limit));
    for (uint64_t i = 0; i < SHIM_SLOTS; i++) {
        if (i - first < count || slots[i] < 0 || slots[i] >= limit) continue;
        slots[i] = (int)must(call3(NR_fcntl, slots[i], F_DUPFD_CLOEXEC, limit));
    }
    // Resources keep their order and begin above: none is overwritten before it has been copied.
    for (uint64_t i = 0; i < count; i++) {
        int preserved = slots[first + i];
        if (preserved <= SHIM_REPORT_FD + (int)i) fail(EBADF);
        must(call3(NR_dup3, preserved, SHIM_REPORT_FD + (int)i, 0));
    }
    must(call3(NR_close_range, limit, ~0u, CLOSE_RANGE_CLOEXEC));
}

// MARK: - Process 1, where the plan wants one

// Passes every signal on to `child`, reaps whatever ends, and ends as `child` does.
static _Noreturn void watch(long child) {
    uint64_t every = ~0ull;
    for (;;) {
        long signal = call4(NR_rt_sigtimedwait, (long)&every, 0, 0, sizeof every);
        // A filter that refuses what this needs would have it ask for ever.
        if (signal < 0 && signal != -EINTR) leave(127);
        if (signal > 0 && signal != SIGCHLD) call2(NR_kill, child, signal);
        for (;;) {
            int status = 0;
            long ended = call4(NR_wait4, -1, (long)&status, WNOHANG, 0);
            if (ended < 0 && ended != -EINTR && ended != -ECHILD) leave(127);
            if (ended <= 0) break;
            if (ended != child) continue;
            if ((status & 0x7f) == 0) leave(status >> 8 & 0xff);
            leave(128 + (status & 0x7f));
        }
    }
}

static void init(const struct operation *op) {
    call5(NR_prctl, PR_SET_NAME, (long)text(op, 0), 0, 0, 0);
    // All signals are blocked: none is lost before `watch` takes them one by one.
    if (takes_signals) must(mask_signals(~0ull));
    long child = must(call5(NR_clone, SIGCHLD, 0, 0, 0, 0));
    if (child > 0) {
        call3(NR_close_range, 3, ~0u, 0);
        watch(child);
    }
    // A group of its own, in front if there is a terminal, as a shell would give it.
    must(call2(NR_setpgid, 0, 0));
    int group = (int)must(call0(NR_getpid));
    call3(NR_ioctl, 0, TIOCSPGRP, (long)&group);
}

// MARK: - A container that runs

static void enter_processes(const struct operation *op) {
    (void)op;
    int descriptor = -1;
    // A child of our parent's, so that it learns how the program ends.
    long child = must(call5(NR_clone, CLONE_PARENT | CLONE_PIDFD, 0, (long)&descriptor, 0, 0));
    if (child == 0) return;
    send_descriptor(SHIM_CHILD, descriptor, (uint32_t)child);
    leave(0);
}

static void open_root(const struct operation *op) {
    fill_slot(op, 0, (int)must(call4(NR_openat, AT_FDCWD, (long)"/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0)));
}

// MARK: - The end

// Whether there is such a program at all, as Docker looks before it executes: by the same call, which filters have to allow.
static long look_at(const char *path) {
    struct stat status = {0};
    long result = call4(NR_newfstatat, AT_FDCWD, (long)path, (long)&status, 0);
    if (result < 0) return -result;
    if ((status.mode & S_IFMT) == S_IFDIR || (status.mode & 0111) == 0) return EACCES;
    return 0;
}

// The first candidate that is there; ends where none is.
static char *find_program(const struct operation *op) {
    uint64_t count;
    char **candidates = list(op, 0, &count);
    long error = ENOENT;
    for (uint64_t i = 0; i < count; i++) {
        long seen = look_at(candidates[i]);
        if (seen == 0) return candidates[i];
        if (error == ENOENT) error = seen;
    }
    fail_with(error, error == EACCES ? SHIM_PROGRAM_REFUSED : SHIM_PROGRAM_NOT_FOUND);
}

static void look(const struct operation *op) { find_program(op); }

static void execute(const struct operation *op) {
    uint64_t unused;
    char *program = find_program(op), **arguments = list(op, 2, &unused), **environment = list(op, 4, &unused);
    if (!takes_signals) must(mask_signals(0));
    shared->reached = current + 1;
    uint64_t error = (uint64_t)-call3(NR_execve, (long)program, (long)arguments, (long)environment);
    shared->reached = current;
    if (error < last_word_count && last_words[error] != NULL) {
        call3(NR_write, 2, (long)last_words[error], (long)length(last_words[error]));
        leave(1);
    }
    fail_with((long)error, SHIM_PROGRAM_FAILED);
}

static void (*const operations[])(const struct operation *) = {
    [SHIM_MAKE_PRIVATE] = make_private, [SHIM_MOUNT] = mount_new, [SHIM_ATTACH] = attach,
    [SHIM_SET_ATTRIBUTES] = set_slot_attributes, [SHIM_ENTER_ROOT] = enter_root, [SHIM_DIRECTORY] = make_directory,
    [SHIM_SYMLINK] = make_symlink, [SHIM_NODE] = make_node, [SHIM_OPEN] = open_reference, [SHIM_WRITE] = write_file,
    [SHIM_JOIN_GROUP] = join_group, [SHIM_UNSHARE] = unshare_namespaces, [SHIM_JOIN_NAMESPACE] = join_namespace,
    [SHIM_HOST_NAME] = host_name, [SHIM_DOMAIN_NAME] = domain_name, [SHIM_LOOPBACK_UP] = loopback_up,
    [SHIM_SESSION_KEYRING] = session_keyring, [SHIM_MASK] = mask, [SHIM_READ_ONLY] = read_only,
    [SHIM_RESOURCE_LIMIT] = resource_limit, [SHIM_FILE_MODE_MASK] = file_mode_mask, [SHIM_NEW_SESSION] = new_session,
    [SHIM_TERMINAL_OPEN] = open_terminal, [SHIM_NULL_STREAMS] = null_streams, [SHIM_OWN_STREAMS] = own_streams,
    [SHIM_CHANGE_DIRECTORY] = change_directory, [SHIM_BOUNDING_SET] = bounding_set, [SHIM_IDENTITY] = identity,
    [SHIM_CAPABILITIES] = capabilities, [SHIM_NO_NEW_PRIVILEGES] = no_new_privileges, [SHIM_SECCOMP] = seccomp,
    [SHIM_DEATH_SIGNAL] = death_signal, [SHIM_INIT] = init, [SHIM_EXECUTE] = execute,
    [SHIM_ENTER_PROCESSES] = enter_processes, [SHIM_OPEN_ROOT] = open_root, [SHIM_TERMINAL_JOIN] = join_terminal,
    [SHIM_STAGE_ROOT] = stage_root, [SHIM_PAUSE] = pause_plan, [SHIM_AWAIT_START] = await_start, [SHIM_LOOK] = look,
    [SHIM_SEAL] = seal, [SHIM_PERSONALITY] = personality, [SHIM_IO_PRIORITY] = io_priority, [SHIM_SCHEDULER] = scheduler,
};

// Nobody in the container may look into this process or send it what a handler of the parent would have taken.
static void prepare_process(void) {
    struct signal_action ignore_nothing = {0};
    must(call5(NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0));
    // Its end tells the parent that the program runs; and nothing of the host's may be open in a container.
    must(call3(NR_close_range, SHIM_REPORT_FD, SHIM_REPORT_FD, CLOSE_RANGE_CLOEXEC));
    for (int signal = 1; signal <= 64; signal++)
        call4(NR_rt_sigaction, signal, (long)&ignore_nothing, 0, sizeof(uint64_t));
    call1(NR_umask, 0);
}

static struct shim_header *read_plan(void) {
    struct statx status = status_of(SHIM_PLAN_FD);
    if (status.size < sizeof(struct shim_header) + 16 || status.size > SHIM_PLAN_LIMIT) fail(EINVAL);
    plan = (uint8_t *)must(
        call6(NR_mmap, 0, (long)status.size, PROT_READ | PROT_WRITE, MAP_PRIVATE, SHIM_PLAN_FD, 0));
    // A report can be refused by a filter, this can't.
    shared = (struct shim_header *)must(
        call6(NR_mmap, 0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, SHIM_PLAN_FD, 0));
    call1(NR_close, SHIM_PLAN_FD);
    struct shim_header *header = (struct shim_header *)plan;
    if (header->magic != SHIM_MAGIC || header->version != SHIM_VERSION || header->size != status.size) fail(EINVAL);
    if (header->slots > SHIM_SLOTS || header->pool % 8 != 0) fail(EINVAL);
    if (header->pool < sizeof *header || header->pool >= header->size) fail(EINVAL);
    pool = plan + header->pool;
    pool_size = header->size - header->pool;
    if (pool_size < 8 || *(uint64_t *)pool != 0 || pool[pool_size - 1] != 0) fail(EINVAL);
    return header;
}

__attribute__((used)) static _Noreturn void run(void) {
    prepare_process();
    struct shim_header *header = read_plan();
    for (uint32_t i = 0; i < SHIM_SLOTS; i++) slots[i] = i < header->slots ? SHIM_FIRST_SLOT_FD + (int)i : -1;
    must(call3(NR_close_range, SHIM_FIRST_SLOT_FD + header->slots, ~0u, 0));

    uint64_t offset = sizeof *header;
    for (current = 0; current < header->operations; current++) {
        shared->reached = current;
        if (offset + 8 > header->pool) fail(EINVAL);
        uint32_t code = *(uint32_t *)(plan + offset), count = *(uint32_t *)(plan + offset + 4);
        offset += 8;
        if (count > (header->pool - offset) / 8) fail(EINVAL);
        struct operation op = {(uint64_t *)(plan + offset), count};
        offset += count * 8ull;
        if (code >= sizeof operations / sizeof *operations || operations[code] == NULL) fail(ENOSYS);
        operations[code](&op);
    }
    fail(ENODATA);  // a plan without an end
}

START_WITH(run)

// The compiler may call these for what the language itself does.
void *memset(void *to, int byte, size_t size) {
    for (size_t i = 0; i < size; i++) ((volatile char *)to)[i] = (char)byte;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    for (size_t i = 0; i < size; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}

#endif
