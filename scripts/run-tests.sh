#!/usr/bin/env bash
# Runs the tests with the arguments for `swift test`. Hundreds of lines follow a failure; so what failed is said again last.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$(dirname "${BASH_SOURCE[0]}")/with-openblas-kernel.sh" swift test -c release "$@" 2>&1 | tee "$log" && exit
status=$?
printf '\nWhat failed:\n'
grep -a 'recorded an issue' "$log" || echo "nothing that a test recorded; see above"
exit "$status"
