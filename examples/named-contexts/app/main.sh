#!/bin/sh
. /usr/local/lib/quote.sh
quote "$@"
