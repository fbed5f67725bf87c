#include <dlfcn.h>
#include <math.h>
#include <stdio.h>

/* libm is loaded while the program runs, so that both ways of needing a library are there. */
int main(int argc, char **argv) {
    void *library = dlopen("libm.so.6", RTLD_NOW);
    if (!library) { fprintf(stderr, "%s\n", dlerror()); return 1; }
    double (*root)(double) = (double (*)(double))dlsym(library, "sqrt");
    printf("the square root of %d is %.3f\n", 2, root(2));
    return 0;
}
