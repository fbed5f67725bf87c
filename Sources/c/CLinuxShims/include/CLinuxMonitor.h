#pragma once
// What a process needs that looks after a container of an OCI runtime. -1 and errno as usual.

// Gives the calling thread mounts of its own: what it mounts stays there, what the host mounts still arrives.
int linux_own_mounts(void);
// Mounts a detached tree at a path.
int linux_move_mount(int tree, const char *path);
// Makes orphaned descendants children of this process.
int linux_become_subreaper(void);
// Gives the calling thread a network of its own.
int linux_own_network(void);
// Moves the calling thread into a network namespace.
int linux_enter_network(int descriptor);
// Mounts a file over another one, and takes mounts off a path.
int linux_bind_file(const char *source, const char *target);
int linux_take_off(const char *path);
