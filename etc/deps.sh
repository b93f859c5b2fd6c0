#!/bin/sh
# Installs the Debian packages that daybook is built from, and only those that are missing.
set -eu
packages="build-essential pkg-config git ca-certificates curl
libzmq3-dev libczmq-dev libmsgpack-dev liblmdb-dev libmicrohttpd-dev libjansson-dev
libsqlite3-dev libvectorscan-dev libpcre2-dev libutf8proc-dev libcurl4-openssl-dev libsodium-dev libuchardet-dev
python3 python3-yaml"
if [ "${1:-}" = check ]; then
	packages="$packages libcmocka-dev clang libclang-rt-dev clang-format clang-tidy cppcheck sqlite3
	python3-pytest python3-zmq python3-msgpack python3-lmdb python3-jsonschema python3-requests
	hledger ledger beancount chromium"
fi
# Node of any age brings npm, and npm a newer node where one is needed: etc/node.sh.
case "${1:-}" in web | check)
	command -v npm >/dev/null || packages="$packages nodejs npm"
	;;
esac
if [ "${1:-}" = bench ]; then
	packages="$packages python3-fastapi uvicorn python3-uvloop python3-httptools python3-multipart wrk"
fi
missing=""
for p in $packages; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing"
root=""
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || { echo "daybook: needs these packages and no sudo is here: apt-get install$missing" >&2; exit 1; }
	root=sudo
fi
$root apt-get update -q >/dev/null
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -q --no-install-recommends $missing >/dev/null
