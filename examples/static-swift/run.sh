#!/bin/sh
set -eu
# The linker warns of dlopen in a static program, which this one never calls.
swiftc -Osize -static-executable -o words words.swift 2>/dev/null
strip words
socle build -t example/static-swift .
socle run --rm example/static-swift to be or not To be
