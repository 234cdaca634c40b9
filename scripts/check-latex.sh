#!/usr/bin/env bash
# Sets the LaTeX tables of three results with pdflatex: no error, and no box that is wider than the text.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v pdflatex >/dev/null && kpsewhich multirow.sty >/dev/null ||
    "$root/scripts/install-packages.sh" texlive-latex-base texlive-latex-extra
bellm=$root/.build/release/bellm
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

{
    printf '%s\n' '\documentclass{article}' '\usepackage{booktabs,multirow,graphicx}' '\begin{document}'
    for experiment in reproduce-bellm layers pooling-by-prompt; do
        only=()
        [[ $experiment != reproduce-bellm ]] || only=(--only 'mean*' 'PromptEOL*' 'representative*')
        "$bellm" run "$root/experiments/$experiment.yaml" --limit 20 "${only[@]}" --output "$folder/$experiment.h5" >/dev/null
        "$bellm" show "$folder/$experiment.h5" --format latex
        "$bellm" show "$folder/$experiment.h5" --format latex --no-subsets --decimals 1 --label "$experiment-small"
    done
    printf '%s\n' '\end{document}'
} >"$folder/tables.tex"
cd "$folder"
pdflatex -interaction=nonstopmode -halt-on-error tables.tex >log.txt || { tail -n 30 log.txt >&2; fail "pdflatex failed"; }
! grep -n 'Overfull' tables.log >&2 || fail "a table is wider than the text"
say "six tables set, none wider than the text"
