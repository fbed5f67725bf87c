import SocleTesting
import SystemPackage

/// Programs and images of somebody who wants out of a container.
enum HostileFixture {
    static let needs = Requirement.all(.root, .overlay, Fixture.busybox, Fixture.compiler)

    /// `await 'COMMANDS'` in a script: until they succeed, but not for ever; then it says so and fails.
    static let await = "await() { for i in $(seq 400); do eval \"$1\" && return; sleep 0.05; done; echo \"never: $1\"; false; }\n"

    /// Imports `image` with `/watch` and `/swap` in it, and puts `swap` into the test's folder; `canary` is a folder of the host
    /// that no container may see.
    static func prepare(_ socle: borrowing Socle, _ image: String) throws {
        try socle.write([
            "watch.c": .file(Array(watch.utf8)), "swap.c": .file(Array(swap.utf8)),
            "rob.c": .file(Array(rob.utf8)),
            "canary": ["secret": "CANARY-CONTENT\n"],
        ])
        _ = try Fixture.busyboxRoot(in: socle.work)
        try socle.shell(
            """
            set -e
            gcc -static -O1 -o root/watch watch.c 2>&1; gcc -static -O1 -o root/swap swap.c 2>&1; cp root/swap swap
            gcc -static -O1 -o root/rob rob.c 2>&1
            tar -C root --numeric-owner --owner 0 --group 0 -cf image.tar .
            socle import image.tar \(image)
            """
        ).succeeding()
    }

    /// Looks at every process that comes, and says what it could get of one that isn't the container's own program yet.
    private static let watch = """
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/ptrace.h>
        #include <sys/wait.h>
        #include <unistd.h>

        static int read_text(const char *path, char *text, int size) {
            int file = open(path, O_RDONLY);
            if (file < 0) return -1;
            int count = read(file, text, size - 1);
            close(file);
            if (count < 0) return -1;
            text[count] = 0;
            return count;
        }

        static int is_shim(int pid) {
            char path[64], text[64];
            snprintf(path, sizeof path, "/proc/%d/comm", pid);
            // Older kernels call what is executed by descriptor after its number.
            return read_text(path, text, sizeof text) > 0 && (strstr(text, "socle") || strspn(text, "0123456789\\n") == strlen(text));
        }

        static void look(int pid, const char *canary) {
            char path[4096], text[65536];
            if (!is_shim(pid)) return;
            printf("seen\\n");
            snprintf(path, sizeof path, "/proc/%d/exe", pid);
            int file = open(path, O_RDONLY);
            if (file >= 0 && is_shim(pid)) printf("GOT exe\\n");
            if (file >= 0) close(file);
            const char *ways[] = {"root", "cwd"};
            for (int i = 0; i < 2; i++) {
                snprintf(path, sizeof path, "/proc/%d/%s%s/secret", pid, ways[i], canary);
                if (access(path, F_OK) == 0) printf("GOT the host by %s\\n", ways[i]);
            }
            snprintf(path, sizeof path, "/proc/%d/fd", pid);
            DIR *folder = opendir(path);
            for (struct dirent *entry; folder && (entry = readdir(folder));) {
                snprintf(path, sizeof path, "/proc/%d/fd/%s/secret", pid, entry->d_name);
                if (access(path, F_OK) == 0) printf("GOT the host by descriptor %s\\n", entry->d_name);
                snprintf(path, sizeof path, "/proc/%d/fd/%s", pid, entry->d_name);
                int got = open(path, O_RDWR);
                if (got >= 0 && is_shim(pid) && entry->d_name[0] > '2') printf("GOT descriptor %s\\n", entry->d_name);
                if (got >= 0) close(got);
            }
            if (folder) closedir(folder);
            snprintf(path, sizeof path, "/proc/%d/environ", pid);
            if (read_text(path, text, sizeof text) > 0 && strstr(text, "HOST_SECRET")) printf("GOT the environment\\n");
            snprintf(path, sizeof path, "/proc/%d/mem", pid);
            file = open(path, O_RDWR);
            if (file >= 0 && is_shim(pid)) printf("GOT the memory\\n");
            if (file >= 0) close(file);
            // The container's own program may have taken its place by now: it must be let go of as it was.
            if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
                int status;
                if (is_shim(pid)) printf("GOT hold of it\\n");
                ptrace(PTRACE_INTERRUPT, pid, 0, 0);
                waitpid(pid, &status, __WALL);
                ptrace(PTRACE_DETACH, pid, 0, 0);
            }
        }

        int main(int count, char **arguments) {
            setvbuf(stdout, NULL, _IOLBF, 0);
            printf("ready\\n");
            while (access("/stop", F_OK) != 0) {
                DIR *folder = opendir("/proc");
                for (struct dirent *entry; folder && (entry = readdir(folder));) {
                    int pid = atoi(entry->d_name);
                    if (pid > 1 && pid != getpid()) look(pid, count > 1 ? arguments[1] : "");
                }
                if (folder) closedir(folder);
            }
            printf("done\\n");
        }
        """

    /// Holds the program of every process that enters, and writes to it once nobody runs it any more.
    private static let rob = """
        #include <dirent.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        static int is_shim(const char *pid) {
            char path[64], text[16] = {0};
            snprintf(path, sizeof path, "/proc/%s/comm", pid);
            int file = open(path, O_RDONLY);
            if (file < 0) return 0;
            read(file, text, sizeof text - 1);
            close(file);
            return strstr(text, "socle") || strspn(text, "0123456789\\n") == strlen(text);
        }

        static void rob(const char *pid) {
            char path[64];
            snprintf(path, sizeof path, "/proc/%s/exe", pid);
            int held = is_shim(pid) ? open(path, O_RDONLY) : -1;
            if (held < 0) return;
            if (is_shim(pid)) {
                printf("held\\n");
                snprintf(path, sizeof path, "/proc/self/fd/%d", held);
                for (int i = 0; i < 200; i++) {
                    int file = open(path, O_WRONLY);
                    if (file >= 0 && write(file, "owned", 5) == 5) printf("GOT the program\\n");
                    if (file >= 0) { close(file); break; }
                    usleep(1000);
                }
            }
            close(held);
        }

        int main(void) {
            setvbuf(stdout, NULL, _IOLBF, 0);
            printf("ready\\n");
            for (;;) {
                DIR *folder = opendir("/proc");
                for (struct dirent *entry; folder && (entry = readdir(folder));)
                    if (atoi(entry->d_name) > 1) rob(entry->d_name);
                if (folder) closedir(folder);
            }
        }
        """

    /// Exchanges two names as fast as it can.
    private static let swap = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdio.h>
        #include <unistd.h>
        #include <sys/syscall.h>
        int main(int count, char **arguments) {
            if (count < 3) return 2;
            for (;;) syscall(SYS_renameat2, AT_FDCWD, arguments[1], AT_FDCWD, arguments[2], 2);
        }
        """

    /// An image as `docker save` writes it, with any config; Python, in which `config` is a dictionary.
    static let archive = #"""
        import hashlib, io, json, sys, tarfile
        def add(tar, name, data):
            info = tarfile.TarInfo(name); info.size = len(data); tar.addfile(info, io.BytesIO(data))
        def image(path, name, config, layer=open("image.tar", "rb").read()):
            diff = "sha256:" + hashlib.sha256(layer).hexdigest()
            document = {"architecture": "amd64", "os": "linux", "config": config,
                        "rootfs": {"type": "layers", "diff_ids": [diff]}}
            text = json.dumps(document).encode()
            with tarfile.open(path, "w") as tar:
                add(tar, "c.json", text); add(tar, "l/layer.tar", layer)
                add(tar, "manifest.json", json.dumps(
                    [{"Config": "c.json", "RepoTags": [name], "Layers": ["l/layer.tar"]}]).encode())

        """#
}
