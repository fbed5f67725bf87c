#pragma once
// What a process needs that looks after a container of an OCI runtime. -1 and errno as usual.
#include <stdint.h>

// Gives the calling thread mounts of its own: what it mounts stays there, what the host mounts still arrives.
int linux_own_mounts(void);
// Has the calling thread make files as another user, with all its rights.
int linux_act_on_files_as(unsigned user, unsigned group);
// Has the calling thread see the mounts of another namespace, with its root.
int linux_enter_mounts(int space);
// Mounts a detached tree at a path.
int linux_move_mount(int tree, const char *path);
// Attaches a detached tree on an open file or directory.
int linux_move_mount_onto(int tree, int place);
// Makes orphaned descendants children of this process.
int linux_become_subreaper(void);
// Gives the calling thread a network of its own.
int linux_own_network(void);
// Moves the calling thread into a network namespace.
int linux_enter_network(int descriptor);
// Mounts a file over another one, and takes mounts off a path.
int linux_bind_file(const char *source, const char *target);
int linux_take_off(const char *path);

// MARK: - A process's own memory

// Lets go of the pages from `start` to `end` that are as their file has them: what is needed again comes from the page cache. `pagemap` is
// /proc/self/pagemap. While it runs nobody else of the process may write there: not another thread, not a handler of signals.
void linux_drop_clean_pages(int pagemap, uintptr_t start, uintptr_t end);
// Gives free memory of the heap back.
void linux_trim_heap(void);
