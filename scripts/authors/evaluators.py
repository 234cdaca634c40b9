"""Rows of evaluators: what bellm scores, and what mteb scores of the vectors that bellm wrote."""

import csv

import h5py
import numpy as np

METHOD = ["--model", "smollm2-135m", "--pooling", "mean", "--layer", "4", "--dimensions", "64"]
EXPERIMENT = """
name: evaluators
text: raw
model: smollm2-135m
pooling: mean
layer: 4
dimensions: 64
tasks:
  - STS-B
  - name: genre
    kind: transfer
    columns: {text: text, label: label}
    files: [{file: training.csv, part: training}, {file: test.csv, part: test}]
"""
# SentEval's for a task with a part to test and none to develop on.
PENALTIES = [0.5, 1, 2, 4, 8, 16, 32]
GENRES = ["main-captions", "main-news"]
BOUND = 1e-6


def rows(bench, part):
    path = bench.cache / "data" / "raw" / "downstream" / "STS" / "STSBenchmark" / f"sts-{part}.csv"
    with open(path, newline="") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def genres(found, count):
    """Evenly spaced first sentences of two genres, with white space squeezed as bellm squeezes it."""
    examples = [[" ".join(row[5].split()), row[0]] for row in found if row[0] in GENRES]
    return [examples[index * len(examples) // count] for index in range(count)]


def add(bench, table):
    pairs = [[" ".join(row[5].split()), " ".join(row[6].split()), float(row[4])] for row in rows(bench, "test")]
    parts = {"training": genres(rows(bench, "train"), 1000), "test": genres(rows(bench, "test"), 1000)}
    for part, examples in parts.items():
        with open(bench.work / f"{part}.csv", "w", newline="") as file:
            csv.writer(file).writerows([["text", "label"], *examples])
    (bench.work / "evaluators.yaml").write_text(EXPERIMENT)
    bench.bellm("run", "evaluators.yaml", "--output", "evaluators.h5", "--overwrite", "--no-cache")
    with h5py.File(bench.work / "evaluators.h5") as file:
        measures = {
            (line["task"].decode(), line["slice"].decode(), line["metric"].decode()): float(line["value"])
            for line in file["measures"][:]
        }
        cosines = file["pairs/evaluators/STS-B"]["cosine"][:]
        predictions = file["predictions/evaluators/genre"][:]
    sentences = sorted({text for pair in pairs for text in pair[:2]} | {text for part in parts.values() for text, _ in part})
    vectors = bench.embed(sentences, *METHOD)
    np.save(bench.work / "vectors.npy", vectors)
    job = {"sentences": sentences, "vectors": str(bench.work / "vectors.npy"), "pairs": pairs, "penalties": PENALTIES, **parts}
    theirs = bench.peer("mteb", "peer_mteb.py", [job])

    package = bench.package("mteb", "mteb")
    table.compare(
        "STSBenchmark of SmolLM2-135M, layer 4, 64 dimensions: Spearman and Pearson of cosines", package,
        [[measures["STS-B", "all", metric] for metric in ["spearman", "pearson"]]], [theirs["correlations"]], None, BOUND)  # fmt: skip
    units = dict(zip(sentences, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)))
    table.compare(
        "the same: each pair's cosine, of the written vectors", f"NumPy {np.__version__}", [cosines],
        [np.array([units[first] @ units[second] for first, second, _ in pairs])], None, BOUND)  # fmt: skip
    gold = np.array([GENRES.index(label) for _, label in parts["test"]])
    predicted = np.array([GENRES.index(name.decode()) for name in predictions["predicted"]])
    table.compare(
        "logistic regression on them, genres of STS-B: each prediction, and their accuracy", package,
        [predicted, np.array([measures["genre", "all", "accuracy"]])], [theirs["predicted"], theirs["accuracy"]],
        [gold, np.ones(1)], BOUND)  # fmt: skip
