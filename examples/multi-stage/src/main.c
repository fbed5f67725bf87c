#include "fnv.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) printf("%016" PRIx64 "  %s\n", fnv1a(argv[i], strlen(argv[i])), argv[i]);
    return 0;
}
