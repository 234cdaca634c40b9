#!/usr/bin/env bash
# `bellm run --launcher slurm` against a real Slurm: a whole experiment, a split run, two submissions, a killed element, a
# requeue, a time limit, an array larger than its limits, trainings. Each result must equal a single process' by every bit.
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

program=${BELLM_PROGRAM:-$root/.build/release/bellm}
export PYTHONPATH=$cache/python
folder=$(mktemp -d "${TMPDIR:-/tmp}/bellm-slurm.XXXXXX")
failed=1

cleanup() {
    "$root/scripts/slurm/cluster.sh" stop "$folder/cluster" || true
    if [[ $failed -eq 0 ]]; then rm -rf "$folder"; else echo "kept for a look: $folder" >&2; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { printf '== %s\n' "$*" >&2; }
die() {
    echo "test-slurm: $*" >&2
    exit 1
}

# Waits for at most $1 seconds until the rest of the line succeeds.
await() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [[ $SECONDS -lt $end ]] || return 1
        sleep 0.2
    done
}

# Pairs of STS-B: few on a busy machine.
pairs=${BELLM_SLURM_PAIRS:-200}
slow_pairs=${BELLM_SLURM_SLOW_PAIRS:-400}

run() { "$program" run "$@" 2>"$folder/messages" || { cat "$folder/messages" >&2; return 1; }; }
said() { grep -q -- "$1" "$folder/messages" || { cat "$folder/messages" >&2; die "expected the message: $1"; }; }
same() { python3 "$root/scripts/slurm/same_result.py" "$@" || die "$2 isn't $1"; }
has_blocks() { [[ $(find "$1.parts/blocks" -name '*.h5' | wc -l) -ge $2 ]]; }
has_checkpoints() { [[ $(find "$1.parts/adapters" -name 'checkpoint.safetensors' | wc -l) -ge $2 ]]; }
is_idle() { [[ -z $(squeue --noheader) ]]; }
# The job of an array's only running element.
element_job() { squeue --noheader --array --states=RUNNING --format '%A' | head -n 1; }
# The process that has a claim on a run or a block.
owner() {
    python3 -c 'import glob, json, sys
print(*(json.load(open(f))["process"] for f in glob.glob(sys.argv[1] + ".parts/claims/*") if not f.endswith("submit")))' "$1"
}

cd "$folder"
export BELLM_CONFIGS=$root/configs
unset BELLM_DATA
cat >runs.yaml <<EOF
model: smollm2-135m
tasks: [STS-B]
pooling: mean
variants:
  causal: {}
  last layers: { bidirectional: last 4, layer: -2 }
  two prompts: { prompt: [prompteol, summarize], pooling: last }
launcher: { cpus: 1, memory: 2G, array_limit: 2, block_sentences: 30, setup: ["echo set up"] }
EOF
cat >slow.yaml <<EOF
model: smollm2-135m
tasks: [STS-B]
pooling: mean
template: "{text}$(printf ' and so on%.0s' $(seq 20))"
launcher: { cpus: 1, memory: 2G, time: 2, block_sentences: 10, element_blocks: 1000, sbatch: ["--signal=B:TERM@10"] }
EOF
cat >long.yaml <<EOF
model: smollm2-135m
tasks: [STS-B]
pooling: mean
launcher: { cpus: 1, memory: 2G, block_sentences: 10, element_blocks: 1000 }
EOF

step "a cluster of one node"
"$root/scripts/slurm/cluster.sh" start "$folder/cluster"
source "$folder/cluster/env"
run runs.yaml --limit "$pairs" --no-cache --output one.h5 >/dev/null
run long.yaml --limit "$pairs" --no-cache --threads 1 --output long-one.h5 >/dev/null

step "--dry-run submits nothing"
run runs.yaml --limit "$pairs" --launcher slurm --dry-run --output dry.h5
said 'nothing was submitted'
is_idle || die "a job is in the queue"
bash -n dry.parts/submissions/*/job.sh

step "a whole experiment, and its table"
run runs.yaml --limit "$pairs" --launcher slurm --wait --output parts.h5 >table
grep -q 'two prompts' table || die "there is no table"
same one.h5 parts.h5 tokens_computed
run runs.yaml --limit "$pairs" --launcher slurm --output parts.h5 >/dev/null
said 'written:'

step "a run split over several elements"
run long.yaml --limit "$pairs" --launcher slurm --wait --set 'launcher={cpus: 1, memory: 2G, block_sentences: 50, element_blocks: 2}' \
    --output split.h5 >/dev/null
same long-one.h5 split.h5 tokens_computed

step "two submissions compute nothing twice"
run long.yaml --limit "$pairs" --launcher slurm --output twice.h5
said 'submitted: 1 elements'
run long.yaml --limit "$pairs" --launcher slurm --output twice.h5
said 'in the queue already: 1 elements'
[[ $(squeue --noheader | wc -l) -le 2 ]] || die "there are more than an array and its merge"
await 300 is_idle || die "the jobs don't end"
same long-one.h5 twice.h5 tokens_computed

step "a killed element: the next submission goes on from its blocks"
run long.yaml --limit "$pairs" --launcher slurm --output killed.h5
await 120 has_blocks killed 2 || die "no blocks"
kill -9 "$(owner killed)"
await 120 is_idle || die "the jobs don't end"
[[ ! -e killed.h5 ]] || die "merged without its part"
grep -rq 'have no part: long' killed.parts/submissions || die "the merge doesn't say what is missing"
kept=$(find killed.parts/blocks -name '*.h5' -printf '%f %i\n' | sort)
run long.yaml --limit "$pairs" --launcher slurm --wait --output killed.h5 >/dev/null
said 'submitted: 1 elements'
same long-one.h5 killed.h5 tokens_computed
[[ -n $kept ]] || die "nothing was kept"

step "a requeued element goes on"
run long.yaml --limit "$pairs" --launcher slurm --output requeued.h5
await 120 has_blocks requeued 2 || die "no blocks"
scontrol requeue "$(element_job)"
await 300 is_idle || die "the jobs don't end"
same long-one.h5 requeued.h5 tokens_computed

step "an element that meets its time limit stops, queues itself again, and goes on"
run slow.yaml --limit "$slow_pairs" --launcher slurm --output limited.h5
await 300 grep -rq 'queued again' limited.parts/submissions || die "it wasn't stopped"
await 900 is_idle || die "the jobs don't end"
run slow.yaml --limit "$slow_pairs" --no-cache --output slow-one.h5 >/dev/null
same slow-one.h5 limited.h5 tokens_computed

step "an array larger than the cluster's limit on arrays, two elements at a time"
cat >many.yaml <<EOF
model: smollm2-135m
tasks: [STS-B]
matrix:
  bidirectional: [none, "last 1..5"]
  pooling: [mean, last]
launcher: { cpus: 1, memory: 1G, array_limit: 2 }
EOF
run many.yaml --limit 2 --no-cache --output many-one.h5 >/dev/null
run many.yaml --limit 2 --launcher slurm --output many.h5
said 'submitted: 12 elements'
most=0
until is_idle; do
    running=$(squeue --noheader --array --states=RUNNING | wc -l)
    if [[ $running -gt $most ]]; then most=$running; fi
    sleep 1
done
[[ $most -ge 1 && $most -le 2 ]] || die "$most elements ran at the same time"
same many-one.h5 many.h5

step "trainings are elements, and one that is requeued goes on from its checkpoint"
# A cache without adapters: elements take those that it has.
export BELLM_CACHE=$folder/cache
mkdir "$BELLM_CACHE"
ln -s "$cache/models" "$cache/data" "$BELLM_CACHE/"
cat >train.yaml <<EOF
model: smollm2-135m
tasks: [STS-B]
pooling: last
prompt: prompteol
train: { recipe: wordnet, examples: 256, steps: 12, batch_size: 16, checkpoint_every: 1 }
matrix:
  bidirectional: [none, last 4]
launcher: { cpus: 1, memory: 4G }
EOF
"$program" plan train.yaml --launcher slurm >planned
grep -q '2 elements' planned || { cat planned >&2; die "the plan doesn't count the elements"; }
run train.yaml --limit 20 --launcher slurm --output trained.h5
said 'submitted: 2 elements'
await 300 has_checkpoints trained 2 || die "no checkpoints"
scontrol requeue "$(element_job)"
await 600 is_idle || die "the jobs don't end"
run train.yaml --limit 20 --no-cache --output train-one.h5 >/dev/null
same train-one.h5 trained.h5 tokens_computed
grep -rq 'goes on behind step' trained.parts/submissions || die "no training went on"

failed=0
step "all is well"
