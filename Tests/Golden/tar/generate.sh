#!/bin/sh
# Makes the archives of this folder with other people's programs. Run as root, in this folder; only needed for new cases.
# Afterwards UPDATE_GOLDEN=1 writes what we read in them: look at the difference.
set -eu
here=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$work/tree" <<'PY'
import os, sys
root = sys.argv[1]
os.makedirs(root + "/dir/sub")
def put(name, data=b"", mode=0o644):
    path = os.path.join(root.encode(), name if isinstance(name, bytes) else name.encode())
    with open(path, "wb") as file: file.write(data)
    os.chmod(path, mode)
    return path
put("hello", b"hello\n", 0o755)
put("dir/empty")
put("dir/block", b"x" * 512)
put("dir/sub/more", b"y" * 1000, 0o4755)
put("caf\u00e9", b"utf-8\n")
put(b"latin-\xe9", b"latin 1\n")
os.symlink("hello", root + "/link")
os.symlink("t" * 120, root + "/long-link")
os.link(root + "/hello", root + "/same")
os.mkfifo(root + "/pipe", 0o600)
os.mknod(root + "/null", 0o20666, os.makedev(1, 3))
os.mknod(root + "/disk", 0o60640, os.makedev(8, 17))
deep = "/".join(["d" * 40] * 3)
os.makedirs(root + "/" + deep)
put(deep + "/" + "n" * 60, b"deep\n")
put("dir/" + "L" * 150, b"long\n")
os.chown(root + "/dir", 1234, 100)
os.chown(root + "/dir/block", 3000000, 4000000)
os.chmod(root + "/dir", 0o1777)
for base, dirs, files in os.walk(root, topdown=False):
    for name in dirs + files:
        os.utime(os.path.join(base, name), (1600000000, 1600000000), follow_symlinks=False)
os.utime(root + "/hello", ns=(1600000000_123456789, 1600000000_123456789))
os.utime(root + "/dir/empty", ns=(-1500000000, -1500000000))
os.utime(root, (1600000000, 1600000000))
os.setxattr(root + "/hello", "user.comment", b"a=b\n\x00c")
os.setxattr(root + "/dir", "user.empty", b"")
os.setxattr(root + "/hello", "user.k=v%", b"odd")

def sparse(name, size, pieces):
    with open(root + "-sparse/" + name, "wb") as file:
        for offset in pieces:
            file.seek(offset)
            file.write(b"%d\n" % offset)
        file.truncate(size)
    os.utime(root + "-sparse/" + name, (1600000000, 1600000000))
os.mkdir(root + "-sparse")
sparse("few", 1 << 20, [65536])
sparse("hole", 1 << 20, [])
sparse("many", 40 << 16, [i << 16 for i in range(0, 40, 1) if i % 2])
sparse("start", 1 << 20, [0, 1 << 19])
with open(root + "-sparse/after", "wb") as file: file.write(b"after\n")
os.utime(root + "-sparse/after", (1600000000, 1600000000))
os.utime(root + "-sparse", (1600000000, 1600000000))
PY

short="--exclude=dir/L* --exclude=dddd* --exclude=long-link"
cd "$work/tree"
gnu="tar --sort=name --blocking-factor=1 -c"
$gnu --format=v7 -f "$here/gnu-v7.tar" $short --exclude=pipe --exclude=null --exclude=disk --exclude=dir/empty --exclude=block .
$gnu --format=ustar -f "$here/gnu-ustar.tar" --exclude='dir/L*' --exclude=long-link --exclude=dir/empty --exclude=block .
$gnu --format=oldgnu -f "$here/gnu-oldgnu.tar" .
$gnu --format=gnu -f "$here/gnu-gnu.tar" --numeric-owner .
$gnu --format=posix -f "$here/gnu-pax.tar" --xattrs --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime .
$gnu --format=posix -f "$here/gnu-global.tar" --pax-option=globexthdr.name=global,gname=everyone,mtime=1234567890.5 hello dir/block
tar -c --format=gnu --blocking-factor=1 --label=volume -f "$here/gnu-label.tar" hello
bsdtar -b 1 -c --format=ustar -f "$here/bsdtar-ustar.tar" hello dir/sub link same pipe null
bsdtar -b 1 -c --format=pax -f "$here/bsdtar-pax.tar" . || true  # it warns of the name that isn't UTF-8
bsdtar -b 1 -c --format=gnutar -f "$here/bsdtar-gnutar.tar" --exclude='./dir/block' .
busybox tar -c -f "$here/busybox.tar" hello dir/sub dir/L* link long-link same pipe null disk ddd* latin*
cd "$work/tree-sparse"
tar --sort=name -b 1 -c -S --format=gnu -f "$here/sparse-gnu.tar" .
for version in 0.0 0.1 1.0; do
    tar --sort=name -b 1 -c -S --format=posix --sparse-version=$version --pax-option=exthdr.name=x,delete=atime,delete=ctime \
        -f "$here/sparse-pax-$version.tar" .
done
bsdtar -b 1 -c --format=pax -f "$here/sparse-bsdtar.tar" .

cd "$work/tree"
python3 - "$here" <<'PY'
import sys, tarfile
for name, format in (("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
    with tarfile.open(f"{sys.argv[1]}/python-{name}.tar", "w", format=format) as archive:
        for member in ["hello", "dir", "link", "pipe", "caf\u00e9"] if name == "ustar" else ["."]:
            archive.add(member, recursive=member == ".", filter=lambda m: None if name == "ustar" and m.mtime < 0 else m)
PY
cd "$here"
# Go's library, as Docker uses it.
if command -v docker > /dev/null; then
    image=$(docker import gnu-pax.tar) && container=$(docker create "$image" none) && docker export -o go-docker.tar "$container"
    docker rm "$container" > /dev/null && docker rmi "$image" > /dev/null
fi
