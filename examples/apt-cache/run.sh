#!/bin/sh
set -eu
socle build --build-arg PACKAGES=bc -t example/apt-cache:bc .
socle build --build-arg PACKAGES="bc file" -t example/apt-cache:file .
echo "6 * 7 = $(socle run --rm example/apt-cache:file sh -c 'echo "6 * 7" | bc')"
echo "the second build found: $(socle run --rm example/apt-cache:file | grep -x bc)"
echo "its archives in the image: $(socle run --rm example/apt-cache:file sh -c 'ls /var/cache/apt/archives | grep -c -e ^bc_ -e ^file_ || true')"
