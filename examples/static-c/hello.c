#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
    printf("hello from a static program, process %d, %d argument(s)\n", (int)getpid(), argc - 1);
    for (int i = 1; i < argc; i++) printf("  %s\n", argv[i]);
    return 0;
}
