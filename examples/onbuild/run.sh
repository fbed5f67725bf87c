#!/bin/sh
set -eu
socle build --network none -t example/onbuild-base base
socle build --network none --build-arg OWNER=somebody -t example/onbuild-app app
socle run --rm example/onbuild-app
echo "triggers of the base: $(socle inspect -f '{{len .Config.OnBuild}}' example/onbuild-base)"
echo "triggers of the app: $(socle inspect -f '{{len .Config.OnBuild}}' example/onbuild-app)"
