#!/bin/sh
# The demo: starts daybook on loopback, uploads a statement, shows what came of it.
#   PORT=8080   the API's port        DATA=DIR   keep the data there (default: a temporary folder)
# Stays up while standard input is a terminal; otherwise stops and exits 0.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=${BUILD:-$here/../build}/bin
port=${PORT:-8080}
url=http://127.0.0.1:$port
company="--company acme --tenant demo"
up=

say() { printf '%s\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

finish() {
	status=$?
	trap - EXIT INT TERM
	if [ -n "$up" ]; then
		kill -TERM "$up" 2>/dev/null || :
		wait "$up" || status=$?
	fi
	rm -f "$log"
	[ -n "${DATA:-}" ] || rm -rf "$data"
	exit "$status"
}

# curl says 7 when nobody listens there; anything else is somebody.
is_busy() {
	curl -s -o /dev/null --max-time 2 "$url/" && return 0
	[ $? -ne 7 ]
}

command -v curl >/dev/null || fail "curl is missing: sh etc/deps.sh"
[ -x "$bin/daybook" ] || fail "$bin/daybook is missing: make"
! is_busy || fail "port $port is in use; choose another: make demo PORT=$((port + 1))"
log=$(mktemp)
data=${DATA:-$(mktemp -d)}
trap finish EXIT
trap 'exit 0' INT TERM

"$bin/daybook" up --data "$data" --listen "127.0.0.1:$port" 2>"$log" &
up=$!
until curl -sf -o /dev/null "$url/readyz"; do
	if ! kill -0 "$up" 2>/dev/null; then
		up=
		fail "$(tail -n 1 "$log")"
	fi
	sleep 0.1
done
say "Its data is in $data, its log in $log"

export DAYBOOK_URL="$url"
# The last days of this statement are the first of the next one: those rows are duplicates there.
say "An earlier statement first, 150 rows:"
# shellcheck disable=SC2086
"$bin/daybook" upload "$here/sample/earlier.csv" $company >/dev/null
say "And now the year, 3,000 rows, 30 of them spoilt and 30 known from the earlier one:"
# shellcheck disable=SC2086
"$bin/daybook" upload "$here/sample/statement.csv" $company
say "Trial balance:"
# shellcheck disable=SC2086
"$bin/daybook" balances $company

ids="company_id=acme&tenant_id=demo"
cat <<END

Look at it: $url/dashboard/background-jobs?tenant=demo&company=acme

The API is at $url (docs: $url/openapi.json). Try:
  curl -s '$url/api/transactions?$ids&status=needs_review&limit=5'
  curl -s '$url/api/jobs?$ids'
  curl -s -T $here/sample/statement.csv '$url/api/jobs/upload-and-categorize?$ids'
END
[ -t 0 ] || exit 0
say "Ctrl-C stops it."
wait "$up"
