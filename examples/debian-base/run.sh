#!/bin/sh
set -eu
# DEBIAN_TAR is the root that scripts/examples packed; `debootstrap --variant=minbase bookworm DIR && tar -C DIR -cf rootfs.tar .`
ln "$DEBIAN_TAR" rootfs.tar 2>/dev/null || cp "$DEBIAN_TAR" rootfs.tar
socle import --change 'CMD ["bash"]' rootfs.tar example/debian-import >/dev/null
socle build -f Dockerfile.add -t example/debian-add .
socle build -f Dockerfile.stages -t example/debian-stages .
rm rootfs.tar
for way in import add stages; do
    echo "$way: $(socle run --rm "example/debian-$way" sh -c '. /etc/os-release && echo $ID $VERSION_CODENAME, $(dpkg --print-architecture)')"
done
documents() { socle run --rm "example/debian-$1" sh -c 'ls /usr/share/doc | wc -l'; }
[ "$(documents import)" = "$(documents add)" ] && [ "$(documents stages)" = 0 ] && echo "documentation is where it should be"
