#!/usr/bin/env bash
# Runs train.py in the peers' own environment. BELLM_NLI names a file of triplets, BENCH_OPTIONS what train.py takes.
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

options=(--cache "$cache" --output "$root/results/bench-train")
[[ -n ${BELLM_NLI:-} ]] && options+=(--examples "$BELLM_NLI")
# shellcheck disable=SC2206
options+=(${BENCH_OPTIONS:-} "$@")
exec "$cache/bench-python/bin/python" "$root/scripts/bench/train.py" "${options[@]}"
