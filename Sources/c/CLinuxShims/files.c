#define _GNU_SOURCE
#include "CLinuxFiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

const int linux_o_tmpfile = O_TMPFILE;

_Static_assert(O_PATH == 010000000, "LINUX_O_PATH");
_Static_assert(AT_EMPTY_PATH == 0x1000, "LINUX_AT_EMPTY_PATH");

int linux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {flags, mode, resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int linux_renameat2(int old_directory, const char *old_name, int new_directory, const char *new_name,
                    unsigned int flags) {
    return (int)syscall(SYS_renameat2, old_directory, old_name, new_directory, new_name, flags);
}

int linux_fchmodat(int directory, const char *name, uint32_t mode) {
    int result = (int)syscall(SYS_fchmodat2, directory, name, mode, AT_SYMLINK_NOFOLLOW);
    if (result == 0 || (errno != ENOSYS && errno != EPERM)) return result;
    return fchmodat(directory, name, mode, AT_SYMLINK_NOFOLLOW);
}

long linux_getdents64(int directory, void *buffer, size_t size) {
    return syscall(SYS_getdents64, directory, buffer, size);
}

long linux_copy_file_range(int input, int output, size_t length) {
    return copy_file_range(input, NULL, output, NULL, length, 0);
}

int linux_syncfs(int descriptor) { return syncfs(descriptor); }

int linux_birth_time(int directory, const char *name, int64_t *seconds, uint32_t *nanoseconds) {
    struct statx status;
    if (statx(directory, name, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status) < 0) return -1;
    *seconds = status.stx_btime.tv_sec;
    *nanoseconds = status.stx_btime.tv_nsec;
    return (status.stx_mask & STATX_BTIME) != 0;
}

uint32_t linux_filesystem_magic(const char *path) {
    struct statfs status;
    return statfs(path, &status) < 0 ? 0 : (uint32_t)status.f_type;
}

int64_t linux_seek_data(int descriptor, int64_t offset) { return lseek(descriptor, offset, SEEK_DATA); }

int64_t linux_seek_hole(int descriptor, int64_t offset) { return lseek(descriptor, offset, SEEK_HOLE); }

int linux_set_direct(int descriptor, int is_direct) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -1;
    return fcntl(descriptor, F_SETFL, is_direct ? flags | O_DIRECT : flags & ~O_DIRECT);
}

int linux_start_writeback(int descriptor, int64_t offset, int64_t length) {
    return sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE);
}

uint32_t linux_device_major(uint64_t device) { return major(device); }

uint32_t linux_device_minor(uint64_t device) { return minor(device); }

uint64_t linux_device(uint32_t major, uint32_t minor) { return makedev(major, minor); }

long linux_listxattr(const char *path, void *names, size_t size, int follows) {
    return follows ? listxattr(path, names, size) : llistxattr(path, names, size);
}

long linux_flistxattr(int descriptor, void *names, size_t size) { return flistxattr(descriptor, names, size); }

long linux_getxattr(const char *path, const char *name, void *value, size_t size, int follows) {
    return follows ? getxattr(path, name, value, size) : lgetxattr(path, name, value, size);
}

int linux_setxattr(const char *path, const char *name, const void *value, size_t size, int follows) {
    return follows ? setxattr(path, name, value, size, 0) : lsetxattr(path, name, value, size, 0);
}

int linux_removexattr(const char *path, const char *name, int follows) {
    return follows ? removexattr(path, name) : lremovexattr(path, name);
}

const void *linux_find(const void *bytes, size_t size, const void *wanted, size_t count) {
    return memmem(bytes, size, wanted, count);
}
