#!/bin/sh
# Builds the page from the lock file: build.sh [FOLDER], web/dist by default. Types are generated
# from openapi.yaml first. The same sources give the same bytes.
set -eu
cd "$(dirname "$0")"
node=$(sh modules.sh clean)
"$node" node_modules/openapi-typescript/bin/cli.js ../openapi.yaml -o src/client/schema.d.ts >/dev/null
"$node" node_modules/typescript/bin/tsc --noEmit
"$node" node_modules/vite/bin/vite.js build --logLevel warn --emptyOutDir --outDir "${1:-dist}"
