#!/bin/sh
# Vitest, in a document that is no browser: test.sh [arguments of vitest].
set -eu
cd "$(dirname "$0")"
node=$(sh modules.sh)
exec "$node" node_modules/vitest/vitest.mjs run "$@"
