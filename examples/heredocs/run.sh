#!/bin/sh
set -eu
socle build --network none --build-arg GREETING="good morning" -t example/heredocs .
socle run --rm example/heredocs
