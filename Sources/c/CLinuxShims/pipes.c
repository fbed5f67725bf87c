#define _GNU_SOURCE
#include "CLinuxPipes.h"
#include <fcntl.h>
#include <unistd.h>

int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
