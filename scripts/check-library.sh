#!/usr/bin/env bash
# Builds Tests/Example against a tagged copy of this repository's last commit, as a package that depends on a version of bellm, and
# runs it. SwiftPM refuses unsafe flags in versioned dependencies alone, so a dependency by path would not do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/common.sh
source scripts/common.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --bare --no-local . "$work/bellm.git"
git -C "$work/bellm.git" tag --force 0.1.0 HEAD
cp -r Tests/Example "$work/Example"
export BELLM_PACKAGE="file://$work/bellm.git"
swift build -c release --package-path "$work/Example"
cosine=$("$work/Example/.build/release/Example" "$cache/models/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf" \
    'A dog walks.' 'A dog runs.')
echo "cosine $cosine"
awk -v cosine="$cosine" 'BEGIN { exit !(cosine > 0.5 && cosine < 1) }'
