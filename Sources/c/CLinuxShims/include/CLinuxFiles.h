#pragma once
// File calls that Glibc lacks or that Swift can't import. Each is one system call; -1 and errno as usual.
#include <stddef.h>
#include <stdint.h>

// The resolve flags of openat2, as <linux/openat2.h> has them.
static const uint64_t LINUX_RESOLVE_NO_XDEV = 0x01;
static const uint64_t LINUX_RESOLVE_NO_MAGICLINKS = 0x02;
static const uint64_t LINUX_RESOLVE_NO_SYMLINKS = 0x04;
static const uint64_t LINUX_RESOLVE_BENEATH = 0x08;
static const uint64_t LINUX_RESOLVE_IN_ROOT = 0x10;

// The flags of renameat2.
static const unsigned int LINUX_RENAME_NOREPLACE = 1;
static const unsigned int LINUX_RENAME_EXCHANGE = 2;

// Flags whose macros Swift can't see.
static const int LINUX_O_PATH = 010000000;
static const int LINUX_AT_EMPTY_PATH = 0x1000;

// O_TMPFILE and O_DIRECTORY differ between architectures, so they come from the headers.
extern const int linux_o_tmpfile;

int linux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int linux_renameat2(int old_directory, const char *old_name, int new_directory, const char *new_name, unsigned int flags);
// chmod that never follows a link: fchmodat2, or what the C library makes of it on kernels before 6.6.
int linux_fchmodat(int directory, const char *name, uint32_t mode);
// One buffer of directory entries.
long linux_getdents64(int directory, void *buffer, size_t size);

/* memmem: where bytes first stand in others, or null. */
const void *linux_find(const void *bytes, size_t size, const void *wanted, size_t count);
// Data copied by the kernel; offsets are those of the descriptors.
long linux_copy_file_range(int input, int output, size_t length);
// Everything dirty on the file system of a descriptor goes to the disk.
int linux_syncfs(int descriptor);
// When a file was made, links not followed; 1, or 0 where the file system doesn't know.
int linux_birth_time(int directory, const char *name, int64_t *seconds, uint32_t *nanoseconds);
// The number of a file system's kind; 0 where it isn't known.
uint32_t linux_filesystem_magic(const char *path);
// SEEK_DATA and SEEK_HOLE.
int64_t linux_seek_data(int descriptor, int64_t offset);
int64_t linux_seek_hole(int descriptor, int64_t offset);
// Begins to write a part of a file to the disk and doesn't wait.
int linux_start_writeback(int descriptor, int64_t offset, int64_t length);
// Whether reading and writing go past the page cache (O_DIRECT, which differs between architectures).
int linux_set_direct(int descriptor, int is_direct);
// A device's number, taken apart and put together.
uint32_t linux_device_major(uint64_t device);
uint32_t linux_device_minor(uint64_t device);
uint64_t linux_device(uint32_t major, uint32_t minor);
// Extended attributes, whose header Swift's Glibc module leaves out. `follows` is for a symbolic link as the last step.
long linux_listxattr(const char *path, void *names, size_t size, int follows);
long linux_flistxattr(int descriptor, void *names, size_t size);
long linux_getxattr(const char *path, const char *name, void *value, size_t size, int follows);
int linux_setxattr(const char *path, const char *name, const void *value, size_t size, int follows);
int linux_removexattr(const char *path, const char *name, int follows);
