#!/bin/sh
set -eu
umask 077
printf 'correct horse battery staple' > ../example-key
export EXAMPLE_ACCOUNT=release@example.org
socle build --network none --secret id=key,src=../example-key --secret id=account,env=EXAMPLE_ACCOUNT -t example/secrets .
rm ../example-key
echo "signature: $(socle run --rm example/secrets)"
socle save -o image.tar example/secrets
for secret in 'correct horse' release@example.org; do
    if grep -q "$secret" image.tar; then echo "the image has a secret: $secret"; fi
done
socle history --no-trunc example/secrets | grep -c -e 'correct horse' -e release@example.org || true
rm image.tar
