#!/usr/bin/env python3
"""Dumps distillation.json, which Tests/ObjectivesTests/DistillationTests.swift compares with: gradients by torch autograd.

    pip install torch
    python3 Tests/Golden/dump_distillation.py > Tests/Golden/distillation.json

The loss is that of Distilled Sentence Embeddings (arXiv 1908.05161): (1 − α) · task + α · mean (cosine − t)².
"""

import json

import torch
from torch.nn.functional import cosine_similarity, cross_entropy, mse_loss, normalize

generator = torch.Generator().manual_seed(20261128)
HIDDEN, PAIRS = 8, 6


def embeddings():
    """Rows that share a direction, as sentence embeddings do, of different lengths; exact in float32."""
    noise = torch.randn(2 * PAIRS, HIDDEN, generator=generator)
    lengths = torch.rand(2 * PAIRS, 1, generator=generator) * 3 + 0.5
    return ((noise + 0.7) * lengths).float().double()


def regression(u, v, scores):
    return mse_loss(cosine_similarity(u, v), (scores - 0.5) / 4)


def cosent(u, v, scores):
    cosines = 20 * cosine_similarity(u, v)
    differences = (cosines[:, None] - cosines[None, :])[scores[:, None] < scores[None, :]]
    return torch.logsumexp(torch.cat([differences.new_zeros(1), differences]), 0)


def in_batch(u, v, scores):
    return cross_entropy(normalize(u) @ normalize(v).T / 0.05, torch.arange(len(u)))


TASKS = {"cosine_regression": regression, "cosent": cosent, "in_batch_negatives": in_batch}


def case(name, alpha):
    x = embeddings().requires_grad_()
    scores = None if name == "in_batch_negatives" else torch.rand(PAIRS, generator=generator).double() * 4 + 0.5
    teacher = torch.rand(PAIRS, generator=generator).double() * 1.4 - 0.4
    u, v = x[0::2], x[1::2]
    value = (1 - alpha) * TASKS[name](u, v, scores) + alpha * mse_loss(cosine_similarity(u, v), teacher)
    value.backward()
    return {
        "of": name,
        "alpha": alpha,
        "embeddings": x.detach().flatten().tolist(),
        "scores": None if scores is None else scores.tolist(),
        "teacher": teacher.tolist(),
        "value": value.item(),
        "gradient": x.grad.flatten().tolist(),
    }


cases = [case(name, alpha) for name in TASKS for alpha in (0.125, 0.5, 1.0)]
print(json.dumps({"hidden": HIDDEN, "cases": cases}, separators=(",", ":")).replace('{"of"', '\n{"of"'))
