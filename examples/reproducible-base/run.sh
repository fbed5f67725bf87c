#!/bin/sh
set -eu
ln "$DEBIAN_TAR" rootfs.tar 2>/dev/null || cp "$DEBIAN_TAR" rootfs.tar
rm -rf ../again && cp -a . ../again && touch ../again/Dockerfile
build() { socle build --no-cache --network none --source-date-epoch 1700000000 -q -t "example/reproducible:$1" "$2"; }
first=$(build first .)
sleep 1
second=$(build second ../again)
rm -r rootfs.tar ../again
[ "$first" = "$second" ] && echo "both builds gave the same image"
socle inspect -f '{{.Created}}' example/reproducible:second
socle run --rm example/reproducible:first sh -c 'find / -xdev -newermt "2023-11-14 22:13:21Z" -type f ! -path "/etc/host*" ! -path /etc/resolv.conf ! -name .dockerenv | wc -l'
