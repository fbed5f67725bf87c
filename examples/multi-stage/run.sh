#!/bin/sh
set -eu
socle build --target test -t example/multi-stage-test .
socle run --rm example/multi-stage-test cat report
socle build -t example/multi-stage .
socle run --rm example/multi-stage
socle run --rm example/multi-stage socle
