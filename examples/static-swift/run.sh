#!/bin/sh
set -eu
# The linker warns of dlopen in a static program, which this one never calls.
swiftc -Osize -static-executable -Xlinker --build-id=none -o words words.swift 2>/dev/null
# A hash of the folder that it was compiled in, which only the compiler's next run looks at.
strip --remove-section=.swift_modhash words
socle build -t example/static-swift .
socle run --rm example/static-swift to be or not To be
