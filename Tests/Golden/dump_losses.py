#!/usr/bin/env python3
"""Dumps losses.json, which the tests of Sources/Training compare with: angle_emb's own code, gradients by torch autograd.

    pip install torch && pip install --no-deps angle-emb==0.6.1
    python3 Tests/Golden/dump_losses.py > Tests/Golden/losses.json

`AngleLoss` is taken out of angle_emb's source, so that its other imports (bitsandbytes, peft, …) need not be installed.
"""

import ast
import importlib.util
import json
import logging
from typing import Optional

import torch

root = importlib.util.find_spec("angle_emb").submodule_search_locations[0]
code = {"Optional": Optional, "torch": torch, "logger": logging.getLogger()}
exec(open(f"{root}/loss.py").read(), code)
tree = ast.parse(open(f"{root}/angle.py").read())
(angle_loss,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "AngleLoss"]
exec(ast.unparse(angle_loss), code)

generator = torch.Generator().manual_seed(20261121)
HIDDEN = 8


def embeddings(rows):
    """Rows that share a direction, as sentence embeddings do, of different lengths; exact in float32."""
    noise = torch.randn(rows, HIDDEN, generator=generator)
    lengths = torch.rand(rows, 1, generator=generator) * 3 + 0.5
    return ((noise + 0.7) * lengths).float().double()


def case(name, loss, settings, x, scores, compute):
    x = x.clone().requires_grad_()
    value = compute(x)
    value.backward()
    return {
        "name": name,
        "loss": loss,
        "settings": settings,
        "rows": x.shape[0],
        "embeddings": x.detach().flatten().tolist(),
        "scores": scores,
        "value": value.item(),
        "gradient": x.grad.flatten().tolist(),
    }


def in_batch(name, x, width, temperature, symmetric):
    def compute(x):
        parts = [x[role::width] for role in range(width)]
        contrast = code["contrastive_with_negative_loss"]
        forth = contrast(parts[0], parts[1], parts[2] if width == 3 else None, tau=1 / temperature)
        return (forth + contrast(parts[1], parts[0], tau=1 / temperature)) / 2 if symmetric else forth

    kind = "triplets" if width == 3 else "pairs"
    settings = {"temperature": temperature, "symmetric": float(symmetric), "kind": kind}
    return case(name, "in_batch_negatives", settings, x, None, compute)


def labels(scores):
    return torch.tensor([score for score in scores for _ in range(2)], dtype=torch.double)[:, None]


def angle(name, x, kind, scores=None, **settings):
    loss = code["AngleLoss"](dataset_format={"scores": "A", "pairs": "B", "triplets": "C"}[kind], **settings)
    given = None if scores is None else labels(scores)
    return case(name, "angle", {"kind": kind, **settings}, x, scores, lambda x: loss(given, x))


def cosent(name, x, scores, tau):
    return case(
        name, "cosent", {"kind": "scores", "tau": tau}, x, scores,
        lambda x: code["cosine_loss"](labels(scores), x, tau))


graded = [0.0, 2.5, 5.0, 2.5, 3.8, 1.2]
binary = [1.0, 0.0, 1.0, 1.0, 0.0]
repeated = embeddings(8)
repeated[5] = repeated[1]
all_terms = {"cosine_w": 0.7, "ibn_w": 1.3, "cln_w": 0.4, "angle_w": 0.5, "angle_tau": 3.0, "ibn_tau": 11.0}
cases = [
    in_batch("pairs", embeddings(10), 2, 0.05, False),
    in_batch("pairs in both directions", embeddings(10), 2, 0.1, True),
    in_batch("triplets", embeddings(15), 3, 0.05, False),
    in_batch("triplets in both directions", embeddings(15), 3, 0.2, True),
    in_batch("one triplet", embeddings(3), 3, 0.05, False),
    in_batch("another example's positive is one's own", repeated, 2, 0.05, True),
    cosent("CoSENT", embeddings(12), graded, 20.0),
    cosent("CoSENT of labels 0 and 1", embeddings(10), binary, 5.0),
    angle("AnglE's defaults, labels 0 and 1", embeddings(10), "scores", binary),
    angle("AnglE's defaults, graded scores", embeddings(12), "scores", graded),
    angle("AnglE's defaults, pairs", embeddings(10), "pairs"),
    angle("AnglE's defaults, triplets", embeddings(15), "triplets"),
    angle("AnglE, all terms, graded scores", embeddings(12), "scores", graded, **all_terms),
    angle("AnglE, all terms, triplets", embeddings(15), "triplets", **all_terms),
    angle(
        "AnglE, the angle loss alone", embeddings(12), "scores", graded, ibn_w=0.0, angle_w=1.0, angle_tau=1.0),
    angle("AnglE, all scores tied", embeddings(8), "scores", [1.0] * 4, cosine_w=1.0),
]
print(json.dumps({"hidden": HIDDEN, "cases": cases}, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"'))
