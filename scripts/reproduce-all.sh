#!/usr/bin/env bash
# Runs every experiment, one after the other, and writes a report of all: results/report.html.
# What an interrupted call has computed is in the cache: the next one goes on from there. An experiment whose model, data or
# adapters are not here is left out, with a line that says what it needs.
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
left_out=()
for experiment in experiments/*.yaml; do
    case $experiment in
        # Hours, and their data are not in the packages: make reproduce-bellm-full.
        */train-bellm.yaml | */train-nli.yaml) continue ;;
        # Hours of training.
        */reproduce-2dmse.yaml | */reproduce-dse.yaml) continue ;;
        # Weights of 13.5 GB from the hub, and hours.
        */bellm-llama-2-7b.yaml) continue ;;
        # Data in other languages, which are not in the packages, and `make setup-e5`.
        */multilingual-e5.yaml | */reproduce-mahasbert.yaml) continue ;;
    esac
    result="results/$(basename "$experiment" .yaml)$part.h5"
    echo "== $experiment" >&2
    if ! reason=$("$program" plan "$experiment" ${limit:+--limit "$limit"} 2>&1 >/dev/null); then
        left_out+=("$experiment: $(grep --max-count 1 '^Error' <<<"$reason" || tail -1 <<<"$reason")")
        echo "left out: ${left_out[-1]#*: }" >&2
        continue
    fi
    "$program" run "$experiment" ${limit:+--limit "$limit"} --output "$result" ${OVERWRITE:+--overwrite}
    results+=("$result")
done
((${#left_out[@]} == 0)) || printf 'left out: %s\n' "${left_out[@]}" >&2
((${#results[@]} > 0)) || exit 1
"$program" report "${results[@]}" --output "results/report$part.html"
