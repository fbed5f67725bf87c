import ContainerRuntime
import SocleTesting
import SystemPackage

/// A program that asks the kernel for every system call, and says how each is answered.
enum Probe {
    static func build(_ box: Sandbox) throws {
        try box.write("probe.c", source)
        try Command.output(
            of: "cc",
            ["-static", "-O1", "-o", box.root("lower/probe").string, box.root("probe.c").string]
        )
    }

    /// Lines that differ from Docker 20.10's on a kernel of 2026, on purpose.
    static let changes =
        [
            "303 kernel", "310 kernel", "311 kernel", "329 kernel", "330 kernel", "331 kernel", "425 refused",
            "426 refused", "427 refused", "450 refused", "459 refused", "460 refused", "461 refused",
            "family 38 refused", "family 40 refused",
        ] + [451, 452, 454, 455, 456, 457, 458, 462, 463, 464, 465, 466].map { "\($0) kernel" }

    private static let source = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/socket.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>

        static const char *answer(long result) {
            return result >= 0 ? "kernel" : errno == EPERM ? "refused" : errno == ENOSYS ? "unknown" : "kernel";
        }

        int main(void) {
            static const int deadly[] = {15, 34, 56, 57, 58, 60, 61, 219, 231, 247, 335, 336, 435};
            setvbuf(stdout, NULL, _IOLBF, 0);
            for (int number = 0; number < 480; number++) {
                int skip = 0;
                for (unsigned i = 0; i < sizeof deadly / sizeof *deadly; i++) skip |= deadly[i] == number;
                if (skip) continue;
                int child = fork(), status = 0;
                if (child == 0) {
                    alarm(1);
                    long result = syscall(number, -1, -1, -1, -1, -1, -1);
                    const char *text = answer(result);
                    _exit(text[0] == 'k' ? 1 : text[0] == 'r' ? 2 : 3);
                }
                waitpid(child, &status, 0);
                const char *words[] = {"died", "kernel", "refused", "unknown"};
                printf("%d %s\\n", number, WIFEXITED(status) ? words[WEXITSTATUS(status)] : "died");
            }
            for (int family = 1; family < 46; family++) {
                int descriptor = socket(family, SOCK_DGRAM, 0);
                printf("family %d %s\\n", family, answer(descriptor));
                close(descriptor);
            }
            printf("clone3 %s\\n", answer(syscall(SYS_clone3, 0, 0)));
            printf("newns %s\\n", answer(syscall(SYS_clone, 0x20000, 0, 0, 0, 0)));
            printf("unshare %s\\n", answer(syscall(SYS_unshare, 0x10000000)));
            printf("personality %s\\n", answer(syscall(SYS_personality, 0x400000)));
            return 0;
        }
        """
}
