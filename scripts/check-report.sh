#!/usr/bin/env bash
# Opens reports of two results in headless chromium at three widths, light and dark; screenshots go to results/report-check.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v chromium >/dev/null || "$root/scripts/install-packages.sh" chromium
bellm=$root/.build/release/bellm
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for experiment in reproduce-bellm layers; do
    only=()
    [[ $experiment != reproduce-bellm ]] || only=(--only 'mean*' 'PromptEOL*' 'representative*')
    "$bellm" run "$root/experiments/$experiment.yaml" --limit 60 "${only[@]}" --output "$folder/$experiment.h5" >/dev/null
    "$bellm" report "$folder/$experiment.h5" --output "$folder/$experiment.html"
done
"$bellm" report "$folder/reproduce-bellm.h5" "$folder/layers.h5" --output "$folder/both.html"
"$root/scripts/report/check_report.py" "$root/results/report-check" "$folder"/{reproduce-bellm,layers,both}.html
