#!/usr/bin/env bash
# Holds what is computed here against the authors' own packages, in the environments of install-authors-python.sh.
# Arguments go to scripts/authors/check_authors.py: --program FILE --only PART …
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

exec "$cache/bench-python/bin/python" "$root/scripts/authors/check_authors.py" --cache "$cache" "$@"
