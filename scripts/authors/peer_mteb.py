"""Scores vectors that bellm wrote with mteb's own tasks: STSBenchmark, and a classification by logistic regression.

    peer_mteb.py JOBS.json OUT.npz

The job: `sentences` and their `vectors` (a .npy file), `pairs` of [first, second, score], `training` and `test` of [text, label],
`penalties`. mteb takes its classifier's C as given; SentEval chooses it, which is done here by scikit-learn, in ten folds.
"""

import json
import sys

import mteb
import numpy as np
from datasets import Dataset, DatasetDict
from mteb.models.model_meta import ModelMeta
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold


class Written:
    """An encoder that looks up what is written; a sentence without a row is a KeyError."""

    mteb_model_meta = ModelMeta.create_empty()

    def __init__(self, sentences, vectors):
        # In single precision mteb's cosines, of lengths of differences, are rounded enough to change ranks.
        self.rows = dict(zip(sentences, vectors.astype(np.float64), strict=True))

    def encode(self, inputs, **_):
        return np.stack([self.rows[text] for batch in inputs for text in batch["text"]])

    def similarity(self, first, second):
        raise NotImplementedError("mteb's cosine is what is compared")

    def similarity_pairwise(self, first, second):
        return np.zeros(len(first))  # as above: its scores aren't read


class Recorded(LogisticRegression):
    """Keeps what it predicts, and which examples it was fitted to."""

    def fit(self, x, y):
        self.count = len(x)
        return super().fit(x, y)

    def predict(self, x):
        self.predicted = super().predict(x)
        return self.predicted


def scored(model, pairs):
    task = mteb.get_task("STSBenchmark")
    first, second, scores = zip(*pairs)
    task.dataset = {"test": Dataset.from_dict({"sentence1": first, "sentence2": second, "score": scores})}
    task.data_loaded = True
    (found,) = task.evaluate(model, "test", encode_kwargs={"batch_size": 64}).values()
    return np.array([found["cosine_spearman"], found["cosine_pearson"]])


def regression(kind, c):
    return kind(C=c, tol=1e-8, solver="newton-cholesky")


def chosen(x, y, penalties):
    folds = list(StratifiedKFold(n_splits=10, shuffle=True, random_state=1111).split(x, y))
    shares = [
        round(100 * np.mean([regression(LogisticRegression, c).fit(x[a], y[a]).score(x[b], y[b]) for a, b in folds]), 2)
        for c in penalties
    ]
    return penalties[int(np.argmax(shares))]


def classified(model, job):
    """Classes as numbers; all training examples in one experiment, where mteb draws a few for each of ten."""
    classes = sorted({label for _, label in job["training"]})
    parts = {
        part: {"text": [text for text, _ in job[part]], "label": [classes.index(label) for _, label in job[part]]}
        for part in ["training", "test"]
    }
    x = model.encode([parts["training"]])
    c = chosen(x, np.array(parts["training"]["label"]), job["penalties"])
    task = mteb.get_task("ImdbClassification")  # any of its classifications: all of it but the protocol is replaced
    task.dataset = DatasetDict(train=Dataset.from_dict(parts["training"]), test=Dataset.from_dict(parts["test"]))
    task.data_loaded, task.n_experiments, task.samples_per_label = True, 1, len(x)
    task.evaluator_model = regression(Recorded, c)
    (found,) = task.evaluate(model, "test", encode_kwargs={"batch_size": 64}).values()
    assert task.evaluator_model.count == len(x), "mteb has left out training examples"
    return np.array([found["accuracy"]]), np.array(task.evaluator_model.predicted)


(job,) = json.load(open(sys.argv[1]))
model = Written(job["sentences"], np.load(job["vectors"]))
accuracy, predicted = classified(model, job)
np.savez(sys.argv[2], correlations=scored(model, job["pairs"]), accuracy=accuracy, predicted=predicted)
