#!/bin/sh
# Prints the path of a node, with node_modules as the lock file says beside it: they are installed
# anew only when the lock file has changed, or always with `modules.sh clean`.
set -eu
cd "$(dirname "$0")"
node=$(sh ../etc/node.sh)
mkdir -p ../build
exec 9>../build/node_modules.lock
flock 9
if [ "${1:-}" = clean ] || ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	cp package-lock.json node_modules/.installed
fi
echo "$node"
