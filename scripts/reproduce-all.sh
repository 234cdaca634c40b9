#!/usr/bin/env bash
# Runs every experiment, one after the other, and writes a report of all: results/report.html.
# What an interrupted call has computed is in the cache: the next one goes on from there.
#
# Usage: reproduce-all.sh [LIMIT]
#   LIMIT  only so many pairs of each task, into results/*.limitN.h5 and results/report.limitN.html
#   OVERWRITE, a variable that isn't empty: replace results of other settings
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=.build/release/bellm
limit=${1:-}
part=${limit:+.limit$limit}
results=()
for experiment in experiments/*.yaml; do
    case $experiment in
        # Hours, and their data are not in the packages: make reproduce-bellm-full.
        */train-bellm.yaml | */train-nli.yaml) continue ;;
        # Weights of 13.5 GB from the hub, and hours.
        */bellm-llama-2-7b.yaml) continue ;;
        # Data in other languages, which are not in the packages, and `make setup-e5`.
        */multilingual-e5.yaml | */reproduce-mahasbert.yaml) continue ;;
    esac
    result="results/$(basename "$experiment" .yaml)$part.h5"
    echo "== $experiment" >&2
    "$program" run "$experiment" ${limit:+--limit "$limit"} --output "$result" ${OVERWRITE:+--overwrite}
    results+=("$result")
done
"$program" report "${results[@]}" --output "results/report$part.html"
