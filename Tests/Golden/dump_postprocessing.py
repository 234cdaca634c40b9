#!/usr/bin/env python3
"""Dumps postprocessing.json: centring and whitening (arXiv 2103.15316, algorithm 1) of some vectors by NumPy.

    python3 Tests/Golden/dump_postprocessing.py > Tests/Golden/postprocessing.json

What is compared are cosines, which don't depend on the eigenvectors' signs. The vectors are whole numbers over 16, so
that JSON and single precision hold them exactly.
"""

import json

import numpy as np

ROWS, COLUMNS, FITTED = 30, 12, 24


def cosines(x):
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    return (x @ x.T).round(12).tolist()


random = np.random.default_rng(20261121)
size = 2.0 ** -np.arange(COLUMNS)
x = np.round((20 + 40 * size * random.normal(size=(ROWS, COLUMNS)) @ random.normal(size=(COLUMNS, COLUMNS))) * 16) / 16
# The first row counts twice: sentences are counted as often as they stand in the data.
chosen = [0] + list(range(FITTED))
mean = x[chosen].mean(0)
covariance = (x[chosen] - mean).T @ (x[chosen] - mean) / len(chosen)
vectors, values, _ = np.linalg.svd(covariance)
whitened = (x - mean) @ (vectors / np.sqrt(values))
print(
    json.dumps({
        "vectors": (x * 16).astype(int).tolist(), "chosen": chosen, "centred": cosines(x - mean),
        "whitened": cosines(whitened), "first5": cosines(whitened[:, :5]), "eigenvalues": values.tolist(),
    }))
