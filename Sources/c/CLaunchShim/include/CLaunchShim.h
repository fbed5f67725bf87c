#pragma once
// The launch shim: the program that enters a container, and the format of the plan that it carries out.
//
// A plan is one flat buffer, little-endian, every offset a multiple of 8:
//
//   header      struct shim_header
//   operations  { uint32_t code, words; uint64_t word[words]; } one after another
//   pool        strings, each ended by a zero byte, data, and lists; its first 8 bytes and the last byte are zero
//
// A word is a number, or an offset into the pool. A string takes one word. Data and lists take two: offset, then bytes
// or entries. A list's entries are 64-bit pool offsets of strings, followed by one unused entry; 0 stands for no string.
//
// Descriptors: 3 the report socket (SOCK_SEQPACKET), 4 the plan, 5 and on the plan's first slots, in order.
#include <stdint.h>

enum { SHIM_MAGIC = 0x6c636f73, SHIM_VERSION = 3 };
enum { SHIM_SLOTS = 512, SHIM_PLAN_LIMIT = 8 << 20 };
enum { SHIM_REPORT_FD = 3, SHIM_PLAN_FD = 4, SHIM_FIRST_SLOT_FD = 5 };

struct shim_header {
    uint32_t magic, version, size, operations, pool, slots;
    uint32_t reached;  // by the shim: the operation that it is at; behind the last one once the kernel has the program
    uint32_t unused;
};

// What the shim says: where it stopped, and why. A `kind` of SHIM_TERMINAL brings the terminal's master along
// instead, SHIM_CHILD a descriptor of the process in which the plan goes on, and its number as `detail`; the first one then
// ends. SHIM_REACHED says that the plan has come to a SHIM_PAUSE: it goes on when a byte comes back. So it does after SHIM_LISTENER,
// whose `detail` is the number of the descriptor at which a filter asks: it is the parent's to take.
// End of file without a report means that the program has been executed, where the plan's own `reached` says the same: a
// filter can refuse whatever a report needs.
struct shim_report {
    uint32_t kind, operation, error, detail;
};
enum { SHIM_FAILED = 1, SHIM_TERMINAL = 2, SHIM_CHILD = 3, SHIM_REACHED = 4, SHIM_LISTENER = 5 };

// Operations and their words.
enum shim_operation {
    SHIM_MAKE_PRIVATE = 1,  // every mount of this namespace
    SHIM_MOUNT,             // slot, file system type, attributes, options list (key, value or none, …)
    SHIM_ATTACH,            // slot, directory slot, path, flags: mounts the slot's tree there
    SHIM_SET_ATTRIBUTES,    // slot, set, clear, propagation, recursive
    SHIM_ENTER_ROOT,        // slot, mounted already: becomes "/", the host's root goes away
    SHIM_DIRECTORY,         // directory slot, path, mode: made, with what leads there, unless it is there
    SHIM_SYMLINK,           // directory slot, path, target
    SHIM_NODE,              // directory slot, path, mode with type, major, minor, uid, gid
    SHIM_OPEN,              // slot, directory slot, path: a reference, never through a symbolic link
    SHIM_WRITE,             // directory slot, path, data: into one existing file of that very file system
    SHIM_JOIN_GROUP,        // slot: an open cgroup.procs
    SHIM_UNSHARE,           // namespace flags
    SHIM_JOIN_NAMESPACE,    // slot: a namespace or a process descriptor, namespace flags
    SHIM_HOST_NAME,         // text
    SHIM_DOMAIN_NAME,       // text
    SHIM_LOOPBACK_UP,       //
    SHIM_SESSION_KEYRING,   // name
    SHIM_MASK,              // directory slot, path, empty directory's slot, null device's slot
    SHIM_READ_ONLY,         // directory slot, path
    SHIM_RESOURCE_LIMIT,    // resource, soft, hard
    SHIM_FILE_MODE_MASK,    // mask
    SHIM_NEW_SESSION,       //
    SHIM_TERMINAL_OPEN,     // devpts slot, directory slot of /dev, rows, columns
    SHIM_NULL_STREAMS,      // directory slot, path: standard streams on the host's /dev/null move to this one
    SHIM_OWN_STREAMS,       // uid
    SHIM_CHANGE_DIRECTORY,  // directory slot, path
    SHIM_BOUNDING_SET,      // capability mask
    SHIM_IDENTITY,          // uid, gid, data: groups as uint32_t
    SHIM_CAPABILITIES,      // effective, permitted, inheritable, ambient
    SHIM_NO_NEW_PRIVILEGES, //
    SHIM_SECCOMP,           // flags, data: BPF instructions
    SHIM_DEATH_SIGNAL,      // signal that comes when the parent ends
    SHIM_INIT,              // name: stays as process 1 and goes on in a child
    SHIM_EXECUTE,           // candidates list, arguments list, environment list
    SHIM_ENTER_PROCESSES,   // goes on in a child, which is in the process namespace that was joined
    SHIM_OPEN_ROOT,         // slot: a reference to "/"
    SHIM_TERMINAL_JOIN,     // root slot, rows, columns: a new terminal of the devpts that is at dev/pts
    SHIM_STAGE_ROOT,        // slot, path of the host: mounts the slot's tree there, as this namespace sees it
    SHIM_PAUSE,             // waits until the parent says that it may go on; ends with the parent
    SHIM_AWAIT_START,       // slot, list: a listening socket; reports go to the first one who connects from here on, but that
                            // of a failed execution is the container's own: the list's entry by errno, on its error stream
    SHIM_LOOK,              // candidates list: whether there is such a program
    SHIM_SEAL,              // first slot, count: these become 3 and on, everything else is closed at the execution
    SHIM_PERSONALITY,       // the kernel's number
    SHIM_IO_PRIORITY,       // class and level, as the kernel packs them
    SHIM_SCHEDULER,         // data: struct sched_attr
};

// Flags of SHIM_ATTACH.
enum {
    SHIM_ATTACH_FILE = 1,        // make a file, not a directory, where nothing is
    SHIM_ATTACH_NO_LINKS = 2,    // refuse a path with symbolic links
    SHIM_ATTACH_ON_PROC = 4,     // allow a target on a proc file system
    SHIM_ATTACH_KEEP_MODE = 8,   // give the mounted directory the mode of the one that it covers
    SHIM_ATTACH_COPY_UP = 16,    // fill the mounted directory with what is in the one that it covers
};

// What `detail` says after SHIM_EXECUTE and SHIM_LOOK: whether the program was found at all.
enum { SHIM_PROGRAM_NOT_FOUND = 1, SHIM_PROGRAM_REFUSED = 2, SHIM_PROGRAM_FAILED = 3 };

// The shim itself, an ELF program for this machine.
extern const unsigned char launch_shim[];
extern const unsigned long launch_shim_size;
// Its first byte, for languages that can't take the address of an array.
const void *launch_shim_start(void);
