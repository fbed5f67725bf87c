#include "CSeccomp.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

// The library's functions, in its own terms; see seccomp(3).
static struct {
    void *(*init)(uint32_t);
    void (*release)(void *);
    int (*arch_add)(void *, uint32_t);
    int (*attr_set)(void *, int, uint32_t);
    int (*rule_add_array)(void *, uint32_t, int, unsigned int, const struct syscall_comparison *);
    int (*export_bpf)(const void *, int);
    int (*resolve_name)(const char *);
    int (*resolve_name_arch)(uint32_t, const char *);
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int loaded;

enum { ATTRIBUTE_NO_NEW_PRIVILEGES = 3, ATTRIBUTE_OPTIMISE = 8, BINARY_TREE = 2 };

static void *symbol(void *handle, const char *name) {
    void *found = dlsym(handle, name);
    if (found == NULL) loaded = 0;
    return found;
}

static void load(void) {
    void *handle = dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return;
    loaded = 1;
    library.init = symbol(handle, "seccomp_init");
    library.release = symbol(handle, "seccomp_release");
    library.arch_add = symbol(handle, "seccomp_arch_add");
    library.attr_set = symbol(handle, "seccomp_attr_set");
    library.rule_add_array = symbol(handle, "seccomp_rule_add_array");
    library.export_bpf = symbol(handle, "seccomp_export_bpf");
    library.resolve_name = symbol(handle, "seccomp_syscall_resolve_name");
    library.resolve_name_arch = symbol(handle, "seccomp_syscall_resolve_name_arch");
}

int syscall_filter_load(void) {
    pthread_once(&once, load);
    return loaded;
}

void *syscall_filter_begin(uint32_t default_action) { return library.init(default_action); }

void syscall_filter_end(void *filter) { library.release(filter); }

int syscall_filter_add_architecture(void *filter, uint32_t architecture) {
    int result = library.arch_add(filter, architecture);
    return result == -17 /* EEXIST: it is there by default */ ? 0 : result;
}

int syscall_filter_optimise(void *filter) {
    int result = library.attr_set(filter, ATTRIBUTE_NO_NEW_PRIVILEGES, 0);
    return result != 0 ? result : library.attr_set(filter, ATTRIBUTE_OPTIMISE, BINARY_TREE);
}

int syscall_filter_add_rule(
    void *filter, uint32_t action, int call, const struct syscall_comparison *comparisons, uint32_t count) {
    return library.rule_add_array(filter, action, call, count, comparisons);
}

int syscall_filter_write(void *filter, int descriptor) { return library.export_bpf(filter, descriptor); }

int syscall_filter_call_number(const char *name) { return library.resolve_name(name); }

int syscall_filter_call_number_on(uint32_t architecture, const char *name) {
    return library.resolve_name_arch(architecture, name);
}
