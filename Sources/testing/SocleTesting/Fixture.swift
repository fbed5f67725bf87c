package import SystemPackage

/// Small inputs that several tests want.
package enum Fixture {
    /// A tar of a root with busybox and its commands: a megabyte that can do what a distribution's root can.
    package static func busyboxRoot(in folder: FilePath) throws -> FilePath {
        let script = """
            set -e
            mkdir -p root/bin root/etc root/tmp root/root root/usr/bin root/var
            chmod 1777 root/tmp
            cp "$(command -v busybox)" root/bin/busybox
            for name in $(root/bin/busybox --list); do [ "$name" = busybox ] || ln -s busybox root/bin/$name; done
            printf 'root:x:0:0:root:/root:/bin/sh\\nuser:x:1000:1000::/home/user:/bin/sh\\n' > root/etc/passwd
            printf 'root:x:0:\\nuser:x:1000:\\nextra:x:2000:user\\n' > root/etc/group
            tar -C root --numeric-owner --owner 0 --group 0 --sort name --mtime @1700000000 -cf busybox.tar .
            """
        try Command.output(of: "sh", ["-c", script], directory: folder)
        return folder.appending("busybox.tar")
    }

    /// The same root with a file of a name of its own: no other test's image has its layer, in a Docker that all use.
    package static func busyboxRoot(in folder: FilePath, marked name: String) throws -> FilePath {
        let tar = try busyboxRoot(in: folder)
        let script = "echo '\(name)' > '\(name)'; tar --mtime @1700000000 -rf busybox.tar '\(name)'"
        try Command.output(of: "sh", ["-c", script], directory: folder)
        return tar
    }

    package static let busybox = Requirement.tool("busybox")

    /// Writes the program `look` into a folder.
    ///
    /// `look FOLDER` prints a line for every file below a folder with everything that a tar can say about it. It needs
    /// nothing but the kernel, so it says the same inside a container and outside.
    package static func look(in folder: FilePath) throws {
        let program = try compiledLook.get()
        try FileTree.write(["look": .file(program, mode: 0o755)], to: folder)
    }

    package static let compiler = Requirement.tool("gcc")

    private static let compiledLook = Result {
        let root = try TemporaryRoot()
        try FileTree.write(["look.c": .file(Array(lookSource.utf8))], to: root.path)
        try Command.output(of: "gcc", ["-static", "-Os", "-o", "look", "look.c"], directory: root.path)
        return try Command.output(of: "cat", ["look"], directory: root.path)
    }

    private static let lookSource = #"""
        #define _GNU_SOURCE
        #include <dirent.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/stat.h>
        #include <sys/sysmacros.h>
        #include <sys/xattr.h>
        #include <unistd.h>

        static struct { dev_t device; ino_t inode; char *path; } seen[4096];
        static int count;

        static void text(const char *bytes, long length) {
            for (long i = 0; i < length; i++) {
                unsigned char c = bytes[i];
                if (c > ' ' && c < 127 && c != '\\') putchar(c); else printf("\\%03o", c);
            }
        }

        static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

        static void attributes(const char *path) {
            char names[65536], value[65536], *sorted[256];
            int many = 0;
            long length = llistxattr(path, names, sizeof names);
            for (long at = 0; at < length && many < 256; at += strlen(names + at) + 1) sorted[many++] = names + at;
            qsort(sorted, many, sizeof *sorted, by_name);
            for (int i = 0; i < many; i++) {
                long size = lgetxattr(path, sorted[i], value, sizeof value);
                printf(" %s=", sorted[i]);
                text(value, size);
            }
        }

        static void contents(const char *path) {
            static unsigned char buffer[1 << 16];
            unsigned long long sum = 14695981039346656037ull;
            int file = open(path, O_RDONLY);
            for (long n; file >= 0 && (n = read(file, buffer, sizeof buffer)) > 0;)
                for (long i = 0; i < n; i++) sum = (sum ^ buffer[i]) * 1099511628211ull;
            close(file);
            printf(" %016llx", sum);
        }

        static void look(const char *path, long skip) {
            struct stat s;
            if (lstat(path, &s)) { printf("%s: gone\n", path); exit(1); }
            text(path + skip, strlen(path + skip));
            printf(" %06o %u:%u %lld.%09ld", s.st_mode, s.st_uid, s.st_gid, (long long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
            if (S_ISCHR(s.st_mode) || S_ISBLK(s.st_mode)) printf(" %u,%u", major(s.st_rdev), minor(s.st_rdev));
            if (S_ISLNK(s.st_mode)) {
                char target[8192];
                long n = readlink(path, target, sizeof target);
                printf(" -> ");
                text(target, n);
            }
            if (S_ISREG(s.st_mode)) {
                printf(" %lld", (long long)s.st_size);
                if (s.st_size > 65536 && s.st_blocks * 512 < s.st_size / 2) printf(" sparse");
                contents(path);
            }
            if (!S_ISDIR(s.st_mode) && s.st_nlink > 1) {
                int i = 0;
                while (i < count && (seen[i].inode != s.st_ino || seen[i].device != s.st_dev)) i++;
                if (i < count) { printf(" = "); text(seen[i].path, strlen(seen[i].path)); }
                else if (count < 4096) { seen[count].device = s.st_dev; seen[count].inode = s.st_ino; seen[count++].path = strdup(path + skip); }
            }
            attributes(path);
            putchar('\n');
            if (!S_ISDIR(s.st_mode)) return;
            DIR *folder = opendir(path);
            char *names[4096];
            int many = 0;
            for (struct dirent *e; folder && (e = readdir(folder)) && many < 4096;)
                if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) names[many++] = strdup(e->d_name);
            qsort(names, many, sizeof *names, by_name);
            for (int i = 0; i < many; i++) {
                char *below;
                if (asprintf(&below, "%s/%s", path, names[i]) > 0) look(below, skip);
            }
            closedir(folder);
        }

        int main(int argc, char **argv) {
            for (int i = 1; i < argc; i++) look(argv[i], strlen(argv[i]));
            return 0;
        }
        """#
}

extension Socle {
    /// A store with an image `base` of a busybox root, the same in every store.
    package static func withBase() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        let imported = try socle.run(["import", tar.string, "base"], environment: ["SOURCE_DATE_EPOCH": "1600000000"])
        _ = try imported.succeeding()
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        return socle
    }
}
