#!/usr/bin/env bash
# Runs hub/check_hub.py with huggingface_hub in an environment of its own, which it makes where it is missing.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

python=$cache/hub-python
requirement=huggingface_hub==2.4.0
if [[ $("$python/bin/python" -m pip freeze 2>/dev/null) != *"$requirement"* ]]; then
    say "installing $requirement into $python"
    lock_cache
    python3 -m venv --clear "$python" &&
        "$python/bin/python" -m pip install --quiet --disable-pip-version-check "$requirement" ||
        fail "cannot install $requirement (offline?)"
fi
exec "$python/bin/python" "$root/scripts/hub/check_hub.py" "$root/.build/release/bellm"
