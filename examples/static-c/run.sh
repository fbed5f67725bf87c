#!/bin/sh
set -eu
gcc -static -Os -o hello hello.c
socle build -t example/static-c .
socle run --rm example/static-c
socle run --rm example/static-c one "two words"
