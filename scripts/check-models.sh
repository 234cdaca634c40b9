#!/usr/bin/env bash
# Holds how model folders are read against transformers, on tiny models whose configurations are varied at random.
# Arguments go to scripts/models/check_models.py: --variations 2000 --seed N --family llama --keep FOLDER
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$cache/bench-python/bin/python" "$root/scripts/models/check_models.py" "$root/.build/release/bellm" "$@"
