#pragma once
// libseccomp, loaded when it is first asked for: a run whose filter is already compiled never loads it.
#include <stddef.h>
#include <stdint.h>

// A comparison of one argument: as libseccomp's scmp_arg_cmp.
struct seccomp_comparison {
    uint32_t argument, operation;
    uint64_t first, second;
};

// Loads the library; 0 when it isn't there or lacks a function.
int seccomp_load(void);
// A filter under construction; null when memory is short. Release it with seccomp_end.
void *seccomp_begin(uint32_t default_action);
void seccomp_end(void *filter);
// The following answer 0 or a negative errno.
int seccomp_add_architecture(void *filter, uint32_t architecture);
// Sets up for speed: a binary tree instead of a list of comparisons, and no change of the process's privileges.
int seccomp_optimise(void *filter);
int seccomp_add_rule(void *filter, uint32_t action, int call, const struct seccomp_comparison *comparisons, uint32_t count);
int seccomp_write(void *filter, int descriptor);
// A call's number by name on this machine, negative pseudo numbers included; SECCOMP_UNKNOWN_CALL if there is none.
int seccomp_call_number(const char *name);
int seccomp_call_number_on(uint32_t architecture, const char *name);

static const int SECCOMP_UNKNOWN_CALL = -1;
