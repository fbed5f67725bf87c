#!/bin/sh
set -eu
gcc -Os -o pack pack.c
socle build -t example/dynamic-c .
socle run --rm example/dynamic-c
