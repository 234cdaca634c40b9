#!/usr/bin/env bash
# Sets the LaTeX tables of results with pdflatex, on pages of one column and of two: no error, no box that is wider than the text,
# and no table that is longer than the page.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v pdflatex >/dev/null && kpsewhich multirow.sty >/dev/null ||
    "$root/scripts/install-packages.sh" texlive-latex-base texlive-latex-extra
bellm=$root/.build/release/bellm
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for experiment in reproduce-bellm layers pooling-by-prompt; do
    only=()
    [[ $experiment != reproduce-bellm ]] || only=(--only 'mean*' 'PromptEOL*' 'representative*')
    "$bellm" run "$root/experiments/$experiment.yaml" --limit 20 "${only[@]}" --output "$folder/$experiment.h5" >/dev/null
    "$bellm" show "$folder/$experiment.h5" --format latex
    "$bellm" show "$folder/$experiment.h5" --format latex --no-subsets --decimals 1 --label "$experiment-small"
done >"$folder/tables.tex"
"$bellm" show "$folder/reproduce-bellm.h5" --format latex --no-subsets --baseline 'mean causal' --label marks >>"$folder/tables.tex"
cd "$folder"
for columns in onecolumn twocolumn; do
    printf '%s\n' "\documentclass[$columns]{article}" '\usepackage{booktabs,multirow,graphicx}' '\begin{document}' \
        '\input{tables}' '\end{document}' >$columns.tex
    pdflatex -interaction=nonstopmode -halt-on-error $columns.tex >log.txt || { tail -n 30 log.txt >&2; fail "pdflatex failed"; }
    ! grep -n 'Overfull' $columns.log >&2 || fail "a table is wider than the text ($columns)"
    ! grep -n 'Float too large' $columns.log >&2 || fail "a table is longer than the page ($columns)"
done
say "seven tables set in one column and in two, none wider than the text or longer than the page"
