#!/bin/sh
# Prints the path of a node, with node_modules as the lock file says beside it: they are installed
# anew only when the lock file has changed.
set -eu
cd "$(dirname "$0")"
mkdir -p ../build
exec 9>../build/node_modules.lock
flock 9
node=$(sh ../etc/node.sh)
if ! cmp -s package-lock.json node_modules/.installed; then
	# An old node's npm leaves out parts that want a newer one: etc/node.sh brought one with the node.
	npm=$(dirname "$node")/../../npm/bin/npm-cli.js
	[ -f "$npm" ] || npm=$(readlink -f "$(command -v npm)")
	"$node" "$npm" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	cp package-lock.json node_modules/.installed
fi
echo "$node"
