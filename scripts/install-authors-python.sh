#!/usr/bin/env bash
# Puts the authors' own packages into virtual environments below $BELLM_CACHE/authors, one for each set of versions that agree:
# `decoders` (billm, llm2vec), `mteb`, `angle`. PyTorch and all else that they agree on is borrowed from bench-python, and angle
# borrows from mteb. configs/authors has the pins: NAME.txt the authors' packages with hashes, NAME-needs.txt the rest.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

pins=$root/configs/authors
borrowed() {
    case $1 in
        angle) echo "$cache/authors/mteb" "$cache/bench-python" ;;
        *) echo "$cache/bench-python" ;;
    esac
}

wanted() {
    python3 -c 'import sys, sysconfig; print(sys.version, sysconfig.get_platform())'
    cat "$pins"/*.txt "$root/scripts/bench/requirements.txt" "${BASH_SOURCE[0]}"
}
is_noted() { [[ -e $cache/authors/.wanted && $(wanted) == "$(<"$cache/authors/.wanted")" ]]; }

packages() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

install() {
    local home=$cache/authors/$1 lender
    local options=(--no-deps --ignore-installed --disable-pip-version-check --no-cache-dir --progress-bar off --retries 3)
    say "installing the packages of configs/authors/$1.txt into $home"
    python3 -m venv "$home" >"$work/log" 2>&1 ||
        fail "cannot make a virtual environment; install it: apt-get install python3-venv"
    for lender in $(borrowed "$1"); do packages "$lender" || return; done >"$(packages "$home")/borrowed.pth"
    # llm2vec has no wheel: it is built with the setuptools of decoders-needs.txt, so that nothing else is fetched for it.
    TMPDIR=$work "$home/bin/python" -m pip install "${options[@]}" --only-binary :all: \
        --requirement "$pins/$1-needs.txt" >"$work/log" 2>&1 &&
        TMPDIR=$work "$home/bin/python" -m pip install "${options[@]}" --only-binary :all: --no-binary llm2vec \
            --no-build-isolation --require-hashes --requirement "$pins/$1.txt" >"$work/log" 2>&1 ||
        fail "cannot install the packages of configs/authors/$1.txt (offline?): $(pip_error "$work/log")"
}

is_noted && exit 0
lock_cache
is_noted && exit 0
[[ -e $cache/bench-python/.wanted ]] || fail "PyTorch is missing; install it: scripts/install-bench-python.sh"
rm -rf "$cache/authors"
for name in decoders mteb angle; do install "$name"; done
wanted >"$work/wanted"
mv "$work/wanted" "$cache/authors/.wanted"
