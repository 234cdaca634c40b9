#!/usr/bin/env python3
"""Compares bellm with its peers: the same sentences, in turn, several times. `make bench` runs it.

Prints medians, ratios and whether each target is met; writes every measurement to an HDF5 file and the table to a
Markdown file. Each program runs in a process of its own, with as many threads as the others.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

import texts

HERE = pathlib.Path(__file__).parent
PRECISIONS = ["float32", "bfloat16"]
# Below this a peer computes something else, or a precision loses too much.
LEAST_COSINE = {"float32": 0.999, "bfloat16": 0.99}
SUITE_SECONDS = "seven tasks, files to table"


def command(arguments, **options):
    """A command's output; its own errors go to the terminal where it fails."""
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"bench: error: {' '.join(map(str, arguments[:3]))} …\n{done.stderr[-4000:]}")
    return done.stdout


def prepared_models(options):
    """The checkpoint as the peers read it: converted once, kept in the cache as long as the versions are the same."""
    versions = "-".join(importlib.metadata.version(name) for name in ["torch", "transformers", "openvino"])
    models = options.cache / "bench-models" / versions
    if not (models / "openvino.xml").exists():
        say("converting the checkpoint for the peers, once")
        with tempfile.TemporaryDirectory(dir=options.cache) as folder:
            command([sys.executable, HERE / "peer.py", "prepare", texts.model_file(options.cache), folder])
            models.parent.mkdir(exist_ok=True)
            os.replace(folder, models)
            pathlib.Path(folder).mkdir()  # for the context manager to remove
    return models


class Bench:
    """The programs and the texts of one comparison."""

    def __init__(self, options, work):
        self.options, self.work = options, work
        self.program = options.program
        data = options.cache / "data" / "raw"
        self.sentences = texts.unique(texts.sts_benchmark(data))[:: 4 if options.quick else 1]
        self.tokens = texts.tokenize(self.program, [texts.prompt(text) for text in self.sentences])
        self.token_count = sum(map(len, self.tokens))
        (work / "tokens.json").write_text(json.dumps(self.tokens))
        self.reference = self.embeddings("float32")
        self.models = prepared_models(options)
        self.rows = []
        self.own_cosines = {}

    def embeddings(self, precision):
        lines, output = self.work / "sentences.txt", self.work / f"{precision}.h5"
        lines.write_text("".join(f"{text}\n" for text in self.sentences), encoding="utf-8")
        command([
            self.program, "embed", "--model", texts.MODEL, "--template", texts.TEMPLATE, "--normaliser", "prompteol",
            "--pooling", "last", "--precision", precision, "--input", lines, "--output", output, *self.uncached("embed"),
        ])  # fmt: skip
        with h5py.File(output) as file:
            return file["embeddings"][:]

    def uncached(self, verb):
        """The option that makes a verb compute, where it keeps embeddings."""
        return ["--no-cache"] if "--no-cache" in command([self.program, verb, "--help"]) else []

    def peer(self, *arguments, sample=1):
        threads = ["--threads", self.options.threads, "--sample", sample]
        output = command([sys.executable, HERE / "peer.py", *arguments, *threads])
        return json.loads(output.splitlines()[-1])

    def measure_bellm(self, precision):
        output = self.work / "bench.h5"
        command([
            self.program, "bench", "--precision", precision, "--repetitions", 1, "--threads", self.options.threads,
            "--output", output, *(["--quick"] if self.options.quick else []),
        ])  # fmt: skip
        with h5py.File(output) as file:
            row = {name: file["engine"][0][name] for name in file["engine"].dtype.names}
        if row["tokens"] != self.token_count:
            sys.exit(f"bench: error: bellm took {row['tokens']} tokens, the peers {self.token_count}")
        numbers = {name: float(row[name]) for name in row if name not in ("model", "precision")}
        if precision not in self.own_cosines:
            self.own_cosines[precision] = self.agreement(self.embeddings(precision), "bellm", precision)
        return numbers | {"cosine": self.own_cosines[precision]}

    def measure_peer(self, name, precision):
        output = self.work / "peer.npy"
        numbers = self.peer(name, precision, self.models, self.work / "tokens.json", output)
        return numbers | {"cosine": self.agreement(np.load(output), name, precision)}

    def agreement(self, embeddings, name, precision):
        """The smallest cosine with bellm's float32 embeddings: the same work has the same results."""
        ours = self.reference
        norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(embeddings, axis=1)
        least = float(((ours * embeddings).sum(axis=1) / norms).min())
        if not least > LEAST_COSINE[precision]:
            sys.exit(f"bench: error: {name} {precision} has an embedding with cosine {least:.4f} to bellm's")
        return least

    def run(self):
        """Everything in turn, so that what disturbs the machine for a while disturbs all."""
        for number in range(1, self.options.rounds + 1):
            for precision in PRECISIONS:
                for program in ["bellm", "openvino", "transformers"]:
                    load = os.getloadavg()[0]
                    measure = self.measure_bellm if program == "bellm" else lambda p: self.measure_peer(program, p)
                    row = {"program": program, "precision": precision, "round": number, "load": load}
                    row |= measure(precision)
                    self.rows.append(row)
                    say(f"[{number}/{self.options.rounds}] {program} {precision}: {row['seconds']:.1f} s, "
                        f"{self.token_count / row['seconds']:.0f} tokens/s")  # fmt: skip

    def median(self, program, precision, column="seconds"):
        rows = [row for row in self.rows if (row["program"], row["precision"]) == (program, precision)]
        return statistics.median(row[column] for row in rows)

    def run_suite(self):
        """The seven tasks end to end, in processes of their own; None where the data folder lacks some."""
        data = self.options.data
        if not data or not texts.has_suite(data):
            return None
        sample = self.options.suite_sample
        start = time.perf_counter()
        command([
            self.program, "run", HERE / "suite.yaml", "--data", data, "--threads", self.options.threads,
            "--output", self.work / "suite.h5", *self.uncached("run"),
        ])  # fmt: skip
        ours = time.perf_counter() - start
        say(f"{SUITE_SECONDS}: bellm {ours:.1f} s")
        peer = self.peer("suite", "float32", self.models, data, sample=sample)
        with h5py.File(self.work / "suite.h5") as file:
            scores = {
                row["task"].decode(): 100 * row["spearman"] for row in file["scores"] if row["subset"] == b"all"
            }
        # A sample's scores are of other pairs.
        for task, score in peer["spearman"].items() if sample == 1 else []:
            say(f"{task}: Spearman {scores[task]:.2f}, transformers {score:.2f}")
            if abs(scores[task] - score) > 0.5:
                sys.exit(f"bench: error: {task}: the scores differ, so the work did")
        return {"bellm": ours, "peer": peer["seconds"], "peer_measured": peer["measured_seconds"], "sample": sample}

    def targets(self, suite):
        """What the project asks for: [(what, value, comparison, target)]."""

        def faster(peer, precision):
            return self.median(peer, precision) / self.median("bellm", precision)

        def floor_share(precision):
            return self.median("bellm", precision, "product_seconds") / self.median("bellm", precision)

        memory = self.median("bellm", "float32", "peak_bytes") / self.median("transformers", "float32", "peak_bytes")
        rows = [
            ("float32, times OpenVINO", faster("openvino", "float32"), "≥", 1.15),
            ("float32, times transformers", faster("transformers", "float32"), "≥", 2.6),
            ("bfloat16, times OpenVINO", faster("openvino", "bfloat16"), "≥", 1.5),
            ("bfloat16, times transformers", faster("transformers", "bfloat16"), "≥", 2.2),
            ("float32, share of the GEMM floor", floor_share("float32"), "≥", 0.8),
            ("bfloat16, share of the GEMM floor", floor_share("bfloat16"), "≥", 0.8),
            ("peak memory float32, share of transformers", memory, "≤", 0.5),
            ("start to first token, seconds", self.median("bellm", "float32", "start_seconds"), "≤", 0.5),
        ]
        if suite:
            rows.append((f"{SUITE_SECONDS}, times transformers", suite["peer"] / suite["bellm"], "≥", 4.0))
        return rows


def machine():
    """What the figures were measured on."""
    name = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "processor": name,
        "cores": str(len(os.sched_getaffinity(0))),
        "python": platform.python_version(),
    } | {name: importlib.metadata.version(name) for name in ["torch", "transformers", "openvino"]}


def is_met(value, comparison, target):
    return value >= target if comparison == "≥" else value <= target


def report(bench, suite):
    """The figures as Markdown."""
    facts = machine()
    load = max(row["load"] for row in bench.rows)
    lines = [
        f"{facts['created']}, {facts['processor']}, {bench.options.threads} threads, load up to {load:.1f}; "
        f"{bench.options.rounds} rounds, {len(bench.sentences)} sentences, {bench.token_count} tokens; "
        f"transformers {facts['transformers']}, PyTorch {facts['torch']}, OpenVINO {facts['openvino']}",
        "",
        "| program | precision | seconds | tokens/s | peak MB | start s | least cosine |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for program in ["bellm", "openvino", "transformers"]:
        for precision in PRECISIONS:
            values = [
                bench.median(program, precision, column)
                for column in ["seconds", "peak_bytes", "start_seconds", "cosine"]
            ]
            lines.append(
                f"| {program} | {precision} | {values[0]:.1f} | {bench.token_count / values[0]:.0f} | "
                f"{values[1] / 1e6:.0f} | {values[2]:.2f} | {values[3]:.5f} |"
            )
    for precision in PRECISIONS:
        values = {c: bench.median("bellm", precision, c) for c in
                  ["tokens_computed", "operations", "seconds", "product_seconds"]}  # fmt: skip
        lines += [
            "",
            f"bellm {precision}: {values['tokens_computed']:.0f} tokens computed, "
            f"{bench.token_count - values['tokens_computed']:.0f} shared, "
            f"{values['operations'] / values['seconds'] / 1e9:.0f} GFLOP/s; products alone "
            f"{values['product_seconds']:.1f} s, {values['operations'] / values['product_seconds'] / 1e9:.0f} GFLOP/s.",
        ]
    lines += ["", "| the project's own target | measured | at least or most | |", "|---|---:|---:|---|"]
    for what, value, comparison, target in bench.targets(suite):
        verdict = "met" if is_met(value, comparison, target) else "**not met**"
        lines.append(f"| {what} | {value:.2f} | {comparison} {target} | {verdict} |")
    if suite is None:
        lines += ["", f"Not measured: {SUITE_SECONDS}; BELLM_DATA names no folder with all seven tasks."]
    elif suite["sample"] > 1:
        lines += [
            "",
            f"Transformers computed every {suite['sample']}th batch of the seven tasks in {suite['peer_measured']:.0f} s; "
            f"its {suite['peer']:.0f} s are extrapolated from that by the number of pairs.",
        ]
    return "\n".join(lines) + "\n"


def write(path, bench, suite):
    """Every measurement, `/measurements`, and the targets, `/targets`: compound tables, as pandas reads them."""
    columns = sorted({name for row in bench.rows for name in row} - {"program", "precision", "round"})
    text = [("program", "S16"), ("precision", "S16"), ("round", "i8")]
    measured = np.array(
        [
            (row["program"], row["precision"], row["round"], *(row.get(name, np.nan) for name in columns))
            for row in bench.rows
        ],
        dtype=text + [(name, "f8") for name in columns],
    )
    targets = np.array(
        [(w.encode(), v, c == "≥", t, is_met(v, c, t)) for w, v, c, t in bench.targets(suite)],
        dtype=[("what", "S64"), ("value", "f8"), ("at_least", "i8"), ("target", "f8"), ("met", "i8")],
    )
    temporary = path.with_suffix(".tmp")
    with h5py.File(temporary, "w") as file:
        file["measurements"], file["targets"] = measured, targets
        file.attrs.update(machine() | {"threads": str(bench.options.threads), "tokens": bench.token_count})
        if suite:
            file.attrs.update({f"suite_{name}": value for name, value in suite.items()})
    os.replace(temporary, path)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=HERE.parents[1] / ".build" / "release" / "bellm")
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, help="a folder with all seven tasks, in SentEval's layout")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="only every fourth sentence")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--suite-sample", type=int, default=1, metavar="N",
                        help="transformers computes every N-th batch of the seven tasks; the rest is extrapolated")  # fmt: skip
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("results/bench"),
                        help="without its ending: .h5 and .md are written")  # fmt: skip
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(options, pathlib.Path(work))
        bench.run()
        suite = bench.run_suite()
    text = report(bench, suite)
    write(options.output.with_suffix(".h5"), bench, suite)
    options.output.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
