#!/bin/sh
# Vitest: test.sh [browser] [arguments of vitest]. Without a word the units, in a document that is no
# browser; browser: the page of a running system, in Chromium.
set -eu
cd "$(dirname "$0")"
node=$(sh modules.sh)
config=vite.config.ts
if [ "${1:-}" = browser ]; then
	shift
	config=vite.browser.config.ts
fi
exec "$node" node_modules/vitest/vitest.mjs run -c "$config" "$@"
