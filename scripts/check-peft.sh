#!/usr/bin/env bash
# Runs bench/check_peft.py in the peers' own environment.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

exec "$cache/bench-python/bin/python" "$root/scripts/bench/check_peft.py" --cache "$cache" "$@"
