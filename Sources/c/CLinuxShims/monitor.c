#define _GNU_SOURCE
#include <linux/capability.h>
#include "CLinuxMonitor.h"
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#endif

int linux_own_mounts(void) {
    if (unshare(CLONE_NEWNS) < 0) return -1;
    return mount("", "/", NULL, MS_REC | MS_SLAVE, NULL);
}

int linux_act_on_files_as(unsigned user, unsigned group) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct rights[2];
    if (syscall(SYS_capget, &header, rights) < 0) return -1;
    syscall(SYS_setfsgid, group);
    syscall(SYS_setfsuid, user);
    // The change has taken the rights over files away.
    return (int)syscall(SYS_capset, &header, rights);
}

int linux_enter_mounts(int space) {
    // The root and working directory change with the namespace: they mustn't be those of other threads.
    if (unshare(CLONE_FS) < 0) return -1;
    return setns(space, CLONE_NEWNS);
}

int linux_move_mount(int tree, const char *path) {
    return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

int linux_move_mount_onto(int tree, int place) {
    return (int)syscall(SYS_move_mount, tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int linux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int linux_own_network(void) { return unshare(CLONE_NEWNET); }

int linux_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

int linux_bind_file(const char *source, const char *target) { return mount(source, target, NULL, MS_BIND, NULL); }

int linux_take_off(const char *path) { return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW); }

// The bits of an entry of /proc/PID/pagemap: a page of a file or of shared memory, and one that is there. A page that was
// written to privately is no longer its file's.
#define PAGE_OF_FILE (1ull << 61)
#define PAGE_PRESENT (1ull << 63)

void linux_drop_clean_pages(int pagemap, uintptr_t start, uintptr_t end) {
    uint64_t entries[512];
    uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
    while (start < end) {
        uintptr_t count = (end - start) / size;
        if (count > 512) count = 512;
        if (count == 0) return;
        // What the kernel doesn't describe stays.
        if (pread(pagemap, entries, count * 8, (off_t)(start / size * 8)) != (ssize_t)(count * 8)) return;
        for (uintptr_t first = 0; first < count;) {
            uintptr_t last = first;
            while (last < count && (entries[last] & (PAGE_OF_FILE | PAGE_PRESENT)) == (PAGE_OF_FILE | PAGE_PRESENT)) last++;
            if (last > first) madvise((void *)(start + first * size), (last - first) * size, MADV_DONTNEED);
            first = last > first ? last : first + 1;
        }
        start += count * size;
    }
}

void linux_trim_heap(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
