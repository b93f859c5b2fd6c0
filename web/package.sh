#!/bin/sh
# Makes the package @daybook/react in web/package, from where `npm pack` and `npm publish` take it:
# one module, its style sheet, its types.
set -eu
cd "$(dirname "$0")"
node=$(sh modules.sh)
rm -rf package
"$node" node_modules/vite/bin/vite.js build -c vite.package.config.ts --logLevel warn
"$node" node_modules/typescript/bin/tsc -p tsconfig.package.json
cp src/client/schema.d.ts package/types/client/
cp ../LICENSE package/
