#pragma once
// Processes, mounts and programs of the kernel that Glibc lacks, or that Swift can't import. -1 and errno as usual.
#include <stddef.h>
#include <stdint.h>

// MARK: - The one function that clones

struct linux_launch_request {
    int program;            // a sealed memfd to execute
    int plan;               // becomes descriptor 4
    int report;             // becomes descriptor 3, closed when the program executes another
    int streams[3];         // become 0, 1, 2
    const int *slots;       // become 5 and on
    int slot_count;
    const char *name;       // argv[0]
    uint64_t namespaces;    // CLONE_NEW… flags
};

// Executes `program` in a new child with `namespaces`; answers its number and, in `pidfd`, a descriptor of it.
// The caller is suspended until the child has executed. Nothing but C runs in between, on a stack of its own.
int linux_launch(const struct linux_launch_request *launch, int *pidfd);

// MARK: - Processes

int linux_pidfd_open(int pid);
int linux_pidfd_send_signal(int pidfd, int signal);
// What another process has open under a number.
int linux_pidfd_getfd(int pidfd, int number);
// Waits for the end of a child: `code` is CLD_EXITED, CLD_KILLED or CLD_DUMPED, `status` the exit code or the signal.
int linux_pidfd_wait(int pidfd, int *code, int *status);
// Receives one message of a SOCK_SEQPACKET socket and the descriptor that came with it, or -1.
long linux_receive(int socket, void *bytes, size_t size, int *passed);
// Sends bytes and a descriptor with them.
long linux_send(int socket, const void *bytes, size_t size, int passed);
int linux_socket_pair(int pair[2]);
int linux_memfd(const char *name, int executable);
int linux_seal(int descriptor);

// MARK: - Mounts

int linux_fsopen(const char *type);
int linux_fsconfig_string(int context, const char *key, const char *value);
int linux_fsconfig_flag(int context, const char *key);
int linux_fsconfig_descriptor(int context, const char *key, int descriptor);
int linux_fsconfig_create(int context);
// What the file system itself says about the last error; 0 when nothing.
long linux_fsconfig_message(int context, char *buffer, size_t size);
int linux_fsmount(int context, unsigned int attributes);
int linux_open_tree(int directory, const char *path, unsigned int flags);
int linux_mount_setattr(int tree, uint64_t set, uint64_t clear, uint64_t propagation, int recursive);
// The layers as the value of `lowerdir`, named by descriptor, for kernels before 6.13: one after another, the top first.
// `upper` and `work` are -1 for an overlay that can't be written.
int linux_overlay_by_number(int context, const int *lowers, int count, int upper, int work);

// A user namespace with these maps (lines of inner number, outer number, count), as a descriptor; no process stays in it.
int linux_user_namespace(const char *users, const char *groups);
// Shows the owners of a detached tree's files as a user namespace maps them.
int linux_mount_map_owners(int tree, int user_namespace, int recursive);

// A child in a user and a mount namespace of its own, without a map yet. It does nothing, and ends with this process.
int linux_hold_user_space(void);
void linux_end_holder(int pid);
// Maps the caller's own user and group to root of the child's user namespace: all that the kernel allows without help.
int linux_map_own_ids(int pid, unsigned int uid, unsigned int gid);
// Moves the process, which must have one thread, into both.
int linux_join_user_space(int user_namespace, int mount_namespace);
// The user who made an open user namespace.
int linux_namespace_owner(int descriptor, unsigned int *uid);

static const unsigned int LINUX_OPEN_TREE_CLONE = 1;
static const unsigned int LINUX_OPEN_TREE_CLOEXEC = 02000000;
static const unsigned int LINUX_AT_RECURSIVE = 0x8000;

// Namespaces, as clone and setns take them.
static const uint64_t LINUX_CLONE_NEWNS = 0x00020000;
static const uint64_t LINUX_CLONE_NEWCGROUP = 0x02000000;
static const uint64_t LINUX_CLONE_NEWUTS = 0x04000000;
static const uint64_t LINUX_CLONE_NEWIPC = 0x08000000;
static const uint64_t LINUX_CLONE_NEWUSER = 0x10000000;
static const uint64_t LINUX_CLONE_NEWTIME = 0x00000080;
static const uint64_t LINUX_CLONE_NEWPID = 0x20000000;
static const uint64_t LINUX_CLONE_NEWNET = 0x40000000;
// The kind of an open namespace, as one of the flags above.
int linux_namespace_kind(int descriptor);

// MARK: - Programs of the kernel

// Loads a program that decides about devices, and puts it on a version 2 control group.
int linux_device_program_load(const void *instructions, size_t count);
int linux_device_program_attach(int program, int group);

// Has no descriptor from `first` on survive the execution of another program.
int linux_close_at_execution_from(unsigned first);
