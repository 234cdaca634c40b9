#!/usr/bin/env bash
# Checks that reading experiments takes time in proportion to what is read. Each input is made in three sizes, each twice the one
# before; valgrind counts the program's instructions. What the second doubling adds is twice what the first does; 2.6 times
# is the bound, and four times it would be where time grows with the square.
#
# valgrind doesn't get through the libraries that compute, so this is about YAML; Tests/FilesTests count what the readers of
# lines, CSV and JSON ask for instead.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

bound=2.6
command -v valgrind >/dev/null || fail "valgrind is missing; install it to count instructions"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# valgrind can't read the debugging information of Swift's compiler.
strip -o "$folder/bellm" "$root/.build/release/bellm"
cd "$folder"
# The program would otherwise choose kernels that valgrind doesn't know, and start itself again.
export OPENBLAS_CORETYPE=Haswell BELLM_CACHE_SIZE=0

# Of a command, whether it succeeds or refuses what it reads.
count() {
    { valgrind --tool=callgrind --callgrind-out-file=/dev/null ./bellm "$@" 2>&1 </dev/null >/dev/null || true; } |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

failed=0
# check FILE GENERATOR SIZE COMMAND…: GENERATOR SIZE writes the file that the command reads.
check() {
    local file=$1 generator=$2 size=$3 counts=()
    shift 3
    for number in "$size" $((2 * size)) $((4 * size)); do
        "$generator" "$number" >"$file"
        counts+=("$(count "$@")")
    done
    awk -v name="$file, $generator" -v one="${counts[0]}" -v two="${counts[1]}" -v four="${counts[2]}" \
        -v bound="$bound" 'BEGIN {
        first = two - one
        second = four - two
        # Nothing counted is nothing checked; what is lost in the noise of starting is no growth.
        if (one <= 0 || two <= 0 || four <= 0) { print name ": nothing was counted"; exit 1 }
        ratio = second > one / 50 && first > 0 ? second / first : 0
        printf "%-28s %12d %12d %6.2f%s\n", name, first, second, ratio, ratio <= bound ? "" : "  grows faster than its input"
        exit ratio > bound
    }' || failed=1
}

repeat() { awk -v text="$1" -v count="$2" 'BEGIN { for (i = 0; i < count; i++) printf text, i }'; }
variants() { printf 'variants:\n' && repeat '  r%d: {}\n' "$1"; }
flow() { printf 'a: ' && repeat '[' "$1"; }
keys() { repeat 'k%d: 1\n' "$1"; }
texts() { printf 'name: "' && repeat 'a %d ' "$1" && printf '"\n'; }

printf '%-28s %12s %12s %6s\n' 'instructions for' 'once more' 'twice more' ratio
for generator in variants flow keys texts; do check x.yaml "$generator" 400 validate x.yaml; done
((failed == 0)) || fail "a reader takes more than twice as long for twice as much"
