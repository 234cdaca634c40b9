#!/usr/bin/env bash
# Puts the peers of `make bench` into a virtual environment of their own, $BELLM_CACHE/bench-python.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

requirements=$root/scripts/bench/requirements.txt

wanted() { python3 -c 'import sys, sysconfig; print(sys.version, sysconfig.get_platform())' && cat "$requirements"; }
is_noted() { [[ -e $cache/bench-python/.wanted && $(wanted) == "$(<"$cache/bench-python/.wanted")" ]]; }

is_noted && exit 0
lock_cache
is_noted && exit 0

# A virtual environment knows its own path, so it is made in its place; the note is written last.
say "installing PyTorch, transformers, sentence-transformers, PEFT and OpenVINO into $cache/bench-python (several GB)"
rm -rf "$cache/bench-python"
python3 -m venv "$cache/bench-python" >"$work/log" 2>&1 ||
    fail "cannot make a virtual environment; install it: apt-get install python3-venv"
TMPDIR=$work "$cache/bench-python/bin/python" -m pip install --only-binary :all: --disable-pip-version-check \
    --no-cache-dir --progress-bar off --retries 3 --requirement "$requirements" >"$work/log" 2>&1 ||
    fail "cannot install the peers (offline?): $(pip_error "$work/log")"
wanted >"$work/wanted"
mv "$work/wanted" "$cache/bench-python/.wanted"
