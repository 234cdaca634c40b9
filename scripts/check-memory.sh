#!/usr/bin/env bash
# Holds what bellm plan forecasts of memory against what runs record.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

BELLM="$root/.build/release/bellm" BELLM_CACHE="$cache" "$cache/bench-python/bin/python" "$root/scripts/check_memory.py" "$@"
