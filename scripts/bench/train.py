#!/usr/bin/env python3
"""Compares bellm's training with PyTorch's and PEFT's: the same model, adapter, examples and steps, in turn.

`make bench-train` runs it. SmolLM2-135M, PromptEOL, causal attention, last token; LoRA of rank 16 on all seven
projections; InfoNCE with hard negatives; AdamW; float32. Each program trains in a process of its own, with as many
threads as the other. PyTorch runs in the fastest of four settings, which is found first. Prints a table, writes it to a
Markdown file and every step to an HDF5 file.
"""

import argparse
import csv
import datetime
import importlib.metadata
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import h5py
import numpy as np

import bench
import order
import texts

SEED, RANK, ALPHA, TEMPERATURE, LEARNING_RATE = 1, 16, 32, 0.05, 8e-4
SETTINGS = [(layout, attention) for layout in ["sorted", "columns"] for attention in ["sdpa", "eager"]]
RECIPE = """
tasks: [STS-B]
model: {model}
prompt: prompteol
pooling: last
bidirectional: none
train:
  data: examples.csv
  decontaminate: false
  loss: in_batch_negatives
  temperature: {temperature}
  steps: {steps}
  batch_size: {batch}
  learning_rate: {rate}
  schedule: constant
  warmup: 0
  rank: {rank}
  alpha: {alpha}
seed: {seed}
"""
TARGETS = [("throughput, times PyTorch", "≥", 3.0), ("peak memory, share of PyTorch's", "≤", 0.6)]


def sources(options):
    """Triplets of the file; without one STS-B's pairs, each with a sentence of the next pair as its hard negative."""
    if options.examples:
        with open(options.examples, encoding="utf-8", newline="") as file:
            yield from ([row[name] for name in ("sent0", "sent1", "hard_neg")] for row in csv.DictReader(file))
    else:
        pairs = texts.sts_benchmark(options.cache / "data" / "raw")
        for first, second in zip(pairs[0::2], pairs[1::2]):
            yield [first[0], first[1], second[0]]


def triplets(options, count):
    """The first triplets in which no sentence occurs twice."""
    found, seen = [], set()
    for sentences in sources(options):
        sentences = [" ".join(sentence.split()) for sentence in sentences]
        keys = {sentence.lower() for sentence in sentences}
        if len(keys) == 3 and not keys & seen and all(0 < len(sentence) < 300 for sentence in sentences):
            seen |= keys
            found.append(sentences)
            if len(found) == count:
                return found
    sys.exit(f"bench: error: expected {count} triplets without repetitions, found {len(found)}")


class TrainingBench:
    """The two programs and what they learn from."""

    def __init__(self, options, work):
        self.options, self.work = options, work
        self.models = bench.prepared_models(options)
        count = options.batch * options.steps
        examples = triplets(options, count)
        with open(work / "examples.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["sent0", "sent1", "hard_neg"], *examples])
        tokens = texts.tokenize(
            options.program, [texts.prompt(sentence) for example in examples for sentence in example])
        self.batches = [
            [tokens[3 * index + role] for index in batch for role in range(3)]
            for batch in order.batches(count, options.batch, SEED, options.steps)
        ]
        self.step_tokens = [sum(map(len, batch)) for batch in self.batches]
        (work / "batches.json").write_text(json.dumps(self.batches))
        # One step of a rate that changes nothing: the adapter that bellm begins with, for PyTorch to begin with too.
        self.bellm(self.work / "initial", steps=1, rate=1e-30)
        self.rows = []

    def bellm(self, adapter, steps, rate):
        """Trains in an empty cache of its own."""
        with tempfile.TemporaryDirectory(dir=self.work) as cache:
            (self.work / "train.yaml").write_text(
                RECIPE.format(
                    model=texts.model_file(self.options.cache.resolve()), temperature=TEMPERATURE, steps=steps,
                    batch=self.options.batch, rate=rate, rank=RANK, alpha=ALPHA, seed=SEED)
            )  # fmt: skip
            environment = os.environ | {
                "BELLM_CACHE": cache, "BELLM_DATA": str(self.options.cache.resolve() / "data" / "raw"),
                "BELLM_CONFIGS": str(bench.HERE.parents[1] / "configs"),
            }  # fmt: skip
            peak = measured(
                [self.options.program.resolve(), "train", "train.yaml", "--output", adapter, "--threads",
                 self.options.threads],
                cwd=self.work, env=environment,
            )[1]  # fmt: skip
            (log,) = pathlib.Path(cache).rglob("training.json")
            steps = json.loads(log.read_text())
        return {
            "losses": [step["loss"] for step in steps], "seconds": [step["seconds"] for step in steps],
            "peak_bytes": peak,
        }  # fmt: skip

    def pytorch(self, setting, steps):
        (adapter,) = (path.parent for path in (self.work / "initial").rglob("adapter_config.json"))
        (self.work / "some.json").write_text(json.dumps(self.batches[:steps]))
        output, peak = measured([
            sys.executable, bench.HERE / "train_peer.py", self.models / "float32", adapter, self.work / "some.json",
            "--learning-rates", json.dumps([LEARNING_RATE] * steps), "--temperature", TEMPERATURE,
            "--threads", self.options.threads, "--layout", setting[0], "--attention", setting[1],
        ])  # fmt: skip
        return json.loads(output.splitlines()[-1]) | {"peak_bytes": peak}

    def fastest_setting(self):
        """By the second of two steps."""
        seconds = {}
        for setting in SETTINGS:
            seconds[setting] = self.pytorch(setting, 2)["seconds"][1]
            bench.say(f"PyTorch, {' '.join(setting)}: {self.step_tokens[1] / seconds[setting]:.0f} tokens/s")
        return min(seconds, key=seconds.get)

    def run(self):
        """Both in turn, so that what disturbs the machine for a while disturbs both."""
        self.setting = self.options.setting or self.fastest_setting()
        for number in range(1, self.options.rounds + 1):
            for program in ["bellm", "pytorch"]:
                load = os.getloadavg()[0]
                if program == "bellm":
                    found = self.bellm(self.work / f"adapter-{number}", self.options.steps, LEARNING_RATE)
                else:
                    found = self.pytorch(self.setting, self.options.steps)
                self.rows.append({"program": program, "round": number, "load": load} | found)
                bench.say(f"[{number}/{self.options.rounds}] {program}: {self.speed(self.rows[-1]):.0f} tokens/s")
        self.check_losses()

    def speed(self, row):
        """Real tokens a second, over all steps but the first, in which memory is taken and kernels are made."""
        first = 1 if self.options.steps > 1 else 0
        return sum(self.step_tokens[first:]) / sum(row["seconds"][first:])

    def median(self, program, value):
        return statistics.median(value(row) for row in self.rows if row["program"] == program)

    def losses(self, program):
        return next(row["losses"] for row in self.rows if row["program"] == program)

    def check_losses(self):
        """Other losses would be other work."""
        gap = max(abs(a - b) for a, b in zip(self.losses("bellm")[:2], self.losses("pytorch")[:2], strict=True))
        if gap > 0.01:
            sys.exit(f"bench: error: the losses of the first two steps differ by {gap:.4f}: the work isn't the same")

    def targets(self):
        def ratio(value):
            return self.median("bellm", value) / self.median("pytorch", value)

        return [ratio(self.speed), ratio(lambda row: row["peak_bytes"])]


def measured(command, **options):
    """A command's output and the most memory that it had."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=errors, **options)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if process.returncode != 0:
            sys.exit(f"bench: error: {command[0]} …\n{errors.read().decode()[-4000:]}")
        output.seek(0)
        return output.read().decode(), usage.ru_maxrss * 1024


def report(training):
    options = training.options
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ["torch", "transformers", "peft"])
    processor = bench.machine()["processor"]
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    tokens = sum(training.step_tokens)
    lines = [
        f"{now}, {processor}, {options.threads} threads, load up to {max(r['load'] for r in training.rows):.1f}; "
        f"{options.rounds} rounds of {options.steps} steps of {options.batch} triplets, {tokens} tokens; {versions}; "
        f"PyTorch with {' batches, '.join(training.setting)} attention",
        "",
        "| program | tokens/s | seconds a step | peak MB |",
        "|---|---:|---:|---:|",
    ]
    for program in ["bellm", "pytorch"]:
        speed = training.median(program, training.speed)
        peak = training.median(program, lambda row: row["peak_bytes"])
        lines.append(f"| {program} | {speed:.0f} | {tokens / options.steps / speed:.1f} | {peak / 1e6:.0f} |")
    lines += ["", "| step | " + " | ".join(["bellm's loss", "PyTorch's loss", "difference"]) + " |", "|---:" * 4 + "|"]
    for step, (ours, theirs) in enumerate(zip(training.losses("bellm"), training.losses("pytorch"), strict=True), 1):
        lines.append(f"| {step} | {ours:.5f} | {theirs:.5f} | {ours - theirs:+.5f} |")
    lines += ["", "| target | measured | asked for | |", "|---|---:|---:|---|"]
    for value, (what, comparison, target) in zip(training.targets(), TARGETS, strict=True):
        verdict = "met" if bench.is_met(value, comparison, target) else "**not met**"
        lines.append(f"| {what} | {value:.2f} | {comparison} {target} | {verdict} |")
    return "\n".join(lines) + "\n"


def write(path, training):
    """`/steps`: one row a program, round and step."""
    rows = [
        (row["program"], row["round"], step + 1, tokens, row["losses"][step], row["seconds"][step], row["peak_bytes"])
        for row in training.rows
        for step, tokens in enumerate(training.step_tokens)
    ]
    columns = [("program", "S16"), ("round", "i8"), ("step", "i8"), ("tokens", "i8"), ("loss", "f8"),
               ("seconds", "f8"), ("peak_bytes", "i8")]  # fmt: skip
    temporary = path.with_suffix(".tmp")
    with h5py.File(temporary, "w") as file:
        file["steps"] = np.array(rows, dtype=columns)
        file.attrs.update(bench.machine() | {"setting": " ".join(training.setting)})
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=bench.HERE.parents[1] / ".build" / "release" / "bellm")
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--examples", type=pathlib.Path,
                        help="a csv file with the columns sent0, sent1 and hard_neg; otherwise STS-B's sentences")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--setting", nargs=2, metavar=("LAYOUT", "ATTENTION"),
                        help="PyTorch's, instead of looking for the fastest: sorted or columns, sdpa or eager")  # fmt: skip
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("results/bench-train"),
                        help="without its ending: .h5 and .md are written")  # fmt: skip
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        training = TrainingBench(options, pathlib.Path(work))
        training.run()
    text = report(training)
    write(options.output.with_suffix(".h5"), training)
    options.output.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
