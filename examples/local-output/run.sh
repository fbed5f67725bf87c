#!/bin/sh
set -eu
socle build --network none -o made .
echo "sum: $(cat made/sum)"
socle build --network none -o - . | tar -tf -
rm -r made
