#!/bin/sh
set -eu
certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
[ -e "$certificates" ] || certificates=/dev/null
socle build --secret "id=certificates,src=$certificates" -t example/python-pip .
socle run --rm example/python-pip
socle run --rm example/python-pip 1 1000000 1073741824
