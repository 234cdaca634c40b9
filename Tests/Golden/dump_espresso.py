#!/usr/bin/env python3
"""Dumps espresso.json: angle_emb's AngleESETrainer, gradients by torch autograd.

    pip install torch && pip install --no-deps angle-emb==0.6.1
    python3 Tests/Golden/dump_espresso.py > Tests/Golden/espresso.json

The trainer's methods are taken out of angle_emb's source and given pooled embeddings in the place of a model's. Its randomised
decomposition is torch's exact one here, and each vector's largest element positive: the package leaves the signs to chance.
"""

import ast
import importlib.util
import json
import math
import types
from typing import Dict, Optional

import torch
import torch.nn.functional as F
from torch import nn

root = importlib.util.find_spec("angle_emb").submodule_search_locations[0]
tree = ast.parse(open(f"{root}/angle.py").read())
code = {"torch": torch, "nn": nn, "F": F, "math": math, "Dict": Dict, "Optional": Optional}
code["get_pooling"] = lambda outputs, *_: outputs
methods = {}
for name, wanted in [
    ("AngleTrainer", ["compute_distillation_loss"]),
    ("AngleESETrainer", ["pca_compress", "compute_student_loss", "compute_loss"]),
]:
    (found,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    for node in found.body:
        if isinstance(node, ast.FunctionDef) and node.name in wanted:
            exec(ast.unparse(node), code)
            methods[node.name] = code[node.name]

LAYERS, HIDDEN, PAIRS = 4, 8, 5


def exact(matrix, q):
    u, s, v = torch.linalg.svd(matrix)
    signs = torch.sign(u.gather(0, u.abs().argmax(0, keepdim=True)))
    return (u * signs)[:, :q], s[:q], v


torch.svd_lowrank = exact
generator = torch.Generator().manual_seed(20261128)
layers = [(torch.randn(2 * PAIRS, HIDDEN, generator=generator) + 0.4).float().double() for _ in range(LAYERS + 1)]


def contrast(_, rows):
    """InfoNCE of the even rows with the odd ones, at temperature 0.05."""
    units = F.normalize(rows, dim=-1)
    return F.cross_entropy(units[0::2] @ units[1::2].T / 0.05, torch.arange(PAIRS))


def case(name, dimensions, temperature, align):
    leaves = [layer.clone().requires_grad_() for layer in layers]
    trainer = types.SimpleNamespace(
        ese_kl_temperature=temperature, ese_compression_size=dimensions, apply_ese_pca=align, n_layers=LAYERS,
        loss_fct=contrast, teacher_name_or_path=None,
    )  # fmt: skip

    class Pooler:
        pooling_strategy = padding_side = None

        def __call__(self, *_, **__):
            return leaves

    trainer.pooler = Pooler()
    for method, function in methods.items():
        setattr(trainer, method, types.MethodType(function, trainer))
    value = trainer.compute_loss(None, {"labels": None})
    value.backward()
    zeros = torch.zeros_like(layers[0])
    gradients = [(zeros if leaf.grad is None else leaf.grad).flatten().tolist() for leaf in leaves]
    return {
        "name": name, "dimensions": dimensions, "temperature": temperature, "align": align, "value": value.item(),
        "gradients": gradients,
    }  # fmt: skip


cases = [
    case("as the package has it", 3, 1.0, True),
    case("another temperature", 4, 0.3, True),
    case("no divergence", 4, 0.0, True),
    case("no alignment", 4, 1.0, False),
    case("all dimensions", HIDDEN, 1.0, True),
]
print(json.dumps({"hidden": HIDDEN, "layers": [layer.flatten().tolist() for layer in layers], "cases": cases}))
