#!/usr/bin/env bash
# Runs check_tokenizers.py in an environment that has the reference libraries.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

python=$cache/tokenizers-python
if [[ ! -e $python/.done ]]; then
    lock_cache
    say "installing tokenizers and sentencepiece into $python"
    rm -rf "$python"
    python3 -m venv "$python" >"$work/log" 2>&1 ||
        fail "cannot make a virtual environment; install it: apt-get install python3-venv"
    TMPDIR=$work "$python/bin/python" -m pip install --only-binary :all: --disable-pip-version-check --no-cache-dir \
        --progress-bar off --retries 3 tokenizers==0.23.3 sentencepiece >"$work/log" 2>&1 ||
        fail "cannot install the reference libraries (offline?): $(pip_error "$work/log")"
    touch "$python/.done"
fi
exec "$python/bin/python" "$root/scripts/check_tokenizers.py" "$root" "$@"
