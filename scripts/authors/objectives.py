"""Rows of objectives: committed goldens made again by the packages, and the first loss of trainings beside the packages' losses."""

import csv
import json

import h5py
import numpy as np

from program import HERE, ROOT

GOLDENS = {
    "losses": ("angle", "angle-emb", "CoSENT, in-batch, angle and AnglE losses"),
    "espresso": ("angle", "angle-emb", "Espresso, AngleESETrainer"),
    "matryoshka": ("bench-python", "sentence-transformers", "MatryoshkaLoss"),
    "adaptive_layers": ("bench-python", "sentence-transformers", "Matryoshka2dLoss, AdaptiveLayerLoss"),
}
GOLDEN_BOUND = 1e-6
LOSS_BOUND = 1e-5


def leaves(tree, path=""):
    """Every number and text of a JSON value by its place."""
    if isinstance(tree, dict):
        return {k: v for key, value in tree.items() for k, v in leaves(value, f"{path}/{key}").items()}
    if isinstance(tree, list):
        return {k: v for index, value in enumerate(tree) for k, v in leaves(value, f"{path}/{index}").items()}
    return {path: tree}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def add_goldens(bench, table):
    for name, (environment, package, what) in GOLDENS.items():
        script = ROOT / "Tests" / "Golden" / f"dump_{name}.py"
        made = leaves(json.loads(bench.run([bench.python(environment), "-W", "ignore", script])))
        kept = leaves(json.loads((ROOT / "Tests" / "Golden" / f"{name}.json").read_text()))
        is_alike = made.keys() == kept.keys()
        groups = {}  # a case for each list of numbers, so that a small gradient isn't held against a large one's bound
        for place, value in kept.items():
            if is_number(value):
                # A place that is missing is no number to be near to.
                pair = groups.setdefault(place.rstrip("0123456789"), ([], []))
                pair[0].append(made[place] if is_alike and is_number(made[place]) else np.nan)
                pair[1].append(value)
            else:
                is_alike = is_alike and made[place] == value
        found, expected = zip(*groups.values())
        table.compare(
            f"Tests/Golden/{name}.json made again, values and gradients: {what}", bench.package(environment, package),
            found if is_alike else [[np.nan] * len(numbers) for numbers in expected], expected, None, GOLDEN_BOUND)  # fmt: skip


ANCHORS = [
    "A dog walks on the beach.", "Zwei Männer spielen Schach", "It rains", "x", "The cat sleeps on a warm stove.",
    "A woman plays the violin", "Prices rose by three percent in May.", "Who opened the window?",
]  # fmt: skip
POSITIVES = [
    "A dog is at the sea.", "Zwei Personen spielen", "Rain falls.", "y", "A cat is asleep.", "A woman makes music",
    "In May everything became dearer.", "The window was opened by whom?",
]  # fmt: skip
NEGATIVES = [
    "A cat eats.", "Niemand spielt", "The sun shines all day long", "0", "A dog runs.", "A man drives a car",
    "Prices fell.", "Close the door!",
]  # fmt: skip
GRADED = [4.2, 3.0, 5.0, 1.5, 3.8, 2.5, 0.0, 3.0]
BINARY = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0]
DATA = {
    "pairs": (("sent0", "sent1"), [ANCHORS, POSITIVES]),
    "triplets": (("sent0", "sent1", "hard_neg"), [ANCHORS, POSITIVES, NEGATIVES]),
    "graded": (("sentence1", "sentence2", "score"), [ANCHORS, POSITIVES, GRADED]),
    "binary": (("sentence1", "sentence2", "score"), [ANCHORS, POSITIVES, BINARY]),
}
SIZES = {"matryoshka_dims": [48, 24, 12], "matryoshka_weights": [1.0, 0.5, 0.25]}
RANKING = ("MultipleNegativesRankingLoss", {"scale": 20.0})
MATRYOSHKA = "{matryoshka: {of: in_batch_negatives, dimensions: [48, 24, 12], weights: [1, 0.5, 0.25]}}"
# Name, data, objective here, and the losses of sentence-transformers, each around the next.
SENTENCE_TRANSFORMERS = [
    ("pairs", "in_batch_negatives", [RANKING]),
    ("triplets", "in_batch_negatives", [RANKING]),
    ("pairs", "{in_batch_negatives: {symmetric: true}}", [("MultipleNegativesSymmetricRankingLoss", {"scale": 20.0})]),
    ("graded", "cosent", [("CoSENTLoss", {"scale": 20.0})]),
    ("graded", "cosine_regression", [("CosineSimilarityLoss", {})]),
    ("pairs", MATRYOSHKA, [("MatryoshkaLoss", SIZES), RANKING]),
    ("pairs", "{adaptive_layers: {layers_per_step: all}}", [("AdaptiveLayerLoss", {"n_layers_per_step": -1}), RANKING]),
    (
        "pairs", "{adaptive_layers: {layers_per_step: all, of: " + MATRYOSHKA + "}}",
        [("Matryoshka2dLoss", {**SIZES, "n_layers_per_step": -1, "n_dims_per_step": -1}), RANKING],
    ),
]  # fmt: skip
ALL_TERMS = {"cosine_w": 0.7, "ibn_w": 1.3, "cln_w": 0.4, "angle_w": 0.5, "angle_tau": 3.0, "ibn_tau": 11.0}
# Name, data, the format that AngleLoss calls it by, and its weights, which have the same names here.
ANGLE = [
    ("graded", "A", {"cosine_w": 1.0, "ibn_w": 0.0, "angle_w": 0.0}),
    ("binary", "A", {}),
    ("graded", "A", {"ibn_w": 0.0, "angle_w": 1.0, "angle_tau": 1.0}),
    ("binary", "A", {key: value for key, value in ALL_TERMS.items() if key != "cln_w"}),
    ("pairs", "B", {}),
    ("triplets", "C", {}),
    ("triplets", "C", ALL_TERMS),
]


def worded(options):
    return " ".join(f"{key} {value:g}" for key, value in options.items()) or "its defaults"


def angle_objective(options):
    return "{angle: {" + ", ".join(f"{key}: {value}" for key, value in options.items()) + "}}"


def first_losses(bench, wanted):
    """The loss of the only step of a training of each (data, objective): of the untouched model, on all examples at once."""
    for name, (heads, columns) in DATA.items():
        with open(bench.work / f"{name}.csv", "w", newline="") as file:
            csv.writer(file).writerows([heads, *zip(*columns)])
    lines = [
        "name: losses", "tasks: [{name: own, kind: sts, file: graded.csv, columns: {first: sentence1, second: sentence2, score: score}}]",
        "model: ./llama", "pooling: mean", "normaliser: verbatim", "variants:",
    ]  # fmt: skip
    for number, (data, objective) in enumerate(wanted):
        steps = f"steps: 1, batch_size: {len(ANCHORS)}, warmup: 0, decontaminate: false, rank: 2"
        lines.append(f"  r{number}: {{train: {{data: ./{data}.csv, objective: {objective}, {steps}}}}}")
    (bench.work / "losses.yaml").write_text("\n".join(lines) + "\n")
    bench.bellm("run", "losses.yaml", "--output", "losses.h5", "--overwrite")
    with h5py.File(bench.work / "losses.h5") as file:
        logs = [file[f"training/r{number}"][:] for number in range(len(wanted))]
    assert all(len(log) == 1 for log in logs), "a training of one step has one loss"
    return [float(log["loss"][0]) for log in logs]


def add_first_losses(bench, table):
    names = [f"{' over '.join(name for name, _ in losses)}, {data}" for data, _, losses in SENTENCE_TRANSFORMERS]
    angles = [f"AngleLoss, {data}, {worded(options)}" for data, _, options in ANGLE]
    here = first_losses(
        bench, [(data, objective) for data, objective, _ in SENTENCE_TRANSFORMERS]
        + [(data, angle_objective(options) if options else "angle") for data, _, options in ANGLE])  # fmt: skip
    jobs = []
    for name, (data, _, losses) in zip(names, SENTENCE_TRANSFORMERS):
        columns = DATA[data][1]
        labels = [score / 5 for score in columns[2]] if data == "graded" else None
        texts = columns[:2] if data == "graded" else columns
        jobs.append(
            {"name": name, "model": str(bench.work / "llama"), "pooling": "mean", "columns": texts, "labels": labels,
             "losses": losses})  # fmt: skip
    theirs = bench.peer("bench-python", "peer_sentence_transformers.py", jobs)
    jobs = []
    for name, (data, kind, options) in zip(angles, ANGLE):
        columns = DATA[data][1]
        texts = columns if data == "triplets" else columns[:2]
        rows = bench.embed([text for example in zip(*texts) for text in example], "--model", "./llama", "--pooling", "mean",
                           "--normaliser", "verbatim")  # fmt: skip
        np.save(bench.work / f"{len(jobs)}.npy", rows)
        jobs.append(
            {"name": name, "embeddings": str(bench.work / f"{len(jobs)}.npy"), "format": kind, "options": options,
             "scores": columns[2] if kind == "A" else None})  # fmt: skip
    theirs |= bench.peer("angle", "peer_angle.py", jobs)
    for name, value in zip(names + angles, here):
        package = ("angle", "angle-emb") if name in angles else ("bench-python", "sentence-transformers")
        table.compare(f"first loss of a training: {name}", bench.package(*package), [[value]], [theirs[name]], None, LOSS_BOUND)
