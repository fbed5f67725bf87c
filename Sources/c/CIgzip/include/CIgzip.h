#pragma once
// Inflating by ISA-L, loaded when it is first asked for: where the machine has it, it takes half of zlib's time.
#include <stddef.h>

/// One gzip member after another.
typedef struct igzip_inflater igzip_inflater;

/// NULL where the library isn't there, lacks a function, or memory is short.
igzip_inflater *igzip_inflater_new(void);
void igzip_inflater_free(igzip_inflater *inflater);
/// Begins with another member.
void igzip_inflater_restart(igzip_inflater *inflater);
/// Takes from `input` and gives to `output`; both counts become what was taken and given. 1 at the end of a member, whose checksum
/// and length were right, 0 before it, -1 for what is no gzip.
int igzip_inflater_run(
    igzip_inflater *inflater, const void *input, size_t *input_count, void *output, size_t *output_count);
