#include "../src/fnv.h"
#include <stdio.h>

int main(void) {
    int failed = fnv1a("", 0) != 0xcbf29ce484222325u || fnv1a("a", 1) != 0xaf63dc4c8601ec8cu;
    puts(failed ? "tests failed" : "tests passed");
    return failed;
}
