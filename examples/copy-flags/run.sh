#!/bin/sh
set -eu
chmod 640 services/*/config/app.ini
socle build --network none -t example/copy-flags .
socle run --rm example/copy-flags
