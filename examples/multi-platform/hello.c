/* A program without a C library: two system calls, for two architectures. */
#if defined(__x86_64__)
#define NAME "amd64"
#define WRITE 1
#define EXIT 60
static long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
#define NAME "arm64"
#define WRITE 64
#define EXIT 93
static long call(long number, long a, long b, long c) {
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}
#endif

void _start(void) {
    static const char text[] = "hello from " NAME "\n";
    call(WRITE, 1, (long)text, sizeof text - 1);
    call(EXIT, 0, 0, 0);
    __builtin_unreachable();
}
