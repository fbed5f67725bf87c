#define _GNU_SOURCE
#include "CLinuxMonitor.h"
#include <fcntl.h>
#include <sched.h>
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

int linux_move_mount(int tree, const char *path) {
    return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

int linux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int linux_own_network(void) { return unshare(CLONE_NEWNET); }

int linux_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

int linux_bind_file(const char *source, const char *target) { return mount(source, target, NULL, MS_BIND, NULL); }

int linux_take_off(const char *path) { return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW); }
