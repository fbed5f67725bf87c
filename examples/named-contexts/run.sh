#!/bin/sh
set -eu
socle build --network none --build-context library=library --build-context base=docker-image://debian:bookworm \
    -t example/named-contexts app
socle run --rm example/named-contexts two contexts
left=$(socle run --rm --entrypoint sh example/named-contexts -c 'find /library /app /scratchpad -type f 2>/dev/null | wc -l')
echo "files left of the mounts: $left"
