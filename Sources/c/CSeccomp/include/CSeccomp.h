#pragma once
// libseccomp, loaded when it is first asked for: a run whose filter is already compiled never loads it.
#include <stddef.h>
#include <stdint.h>

// A comparison of one argument: as libseccomp's scmp_arg_cmp.
struct syscall_comparison {
    uint32_t argument, operation;
    uint64_t first, second;
};

// Loads the library; 0 when it isn't there or lacks a function.
int syscall_filter_load(void);
// A filter under construction; null when memory is short. Release it with syscall_filter_end.
void *syscall_filter_begin(uint32_t default_action);
void syscall_filter_end(void *filter);
// The following answer 0 or a negative errno.
int syscall_filter_add_architecture(void *filter, uint32_t architecture);
// Sets up for speed: a binary tree instead of a list of comparisons, and no change of the process's privileges.
int syscall_filter_optimise(void *filter);
int syscall_filter_add_rule(void *filter, uint32_t action, int call, const struct syscall_comparison *comparisons, uint32_t count);
int syscall_filter_write(void *filter, int descriptor);
// A call's number by name on this machine, negative pseudo numbers included; SYSCALL_FILTER_UNKNOWN if there is none.
int syscall_filter_call_number(const char *name);
int syscall_filter_call_number_on(uint32_t architecture, const char *name);

static const int SYSCALL_FILTER_UNKNOWN = -1;
