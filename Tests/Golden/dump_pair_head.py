#!/usr/bin/env python3
"""Dumps pair_head.json, which Tests/ObjectivesTests/PairHeadTests.swift compares with: gradients by torch autograd.

    pip install torch
    python3 Tests/Golden/dump_pair_head.py > Tests/Golden/pair_head.json

The loss is that of Distilled Sentence Embeddings (arXiv 1908.05161) on a score: (1 − α) · mean (z − y)² + α · mean (z − t)², with z a
multilayer perceptron of [u; v; u ⊙ v; |u − v|]. The parameters stand layer by layer, a weight row by row and its bias behind it.
"""

import json

import torch
from torch import nn
from torch.nn.functional import mse_loss

generator = torch.Generator().manual_seed(20261129)
WIDTH, PAIRS = 6, 5
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}


def case(alpha, hidden, activation):
    widths = [4 * WIDTH, *hidden, 1]
    modules = []
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        modules.append(nn.Linear(inputs, outputs))
        if index < len(hidden):
            modules.append(ACTIVATIONS[activation]())
    head = nn.Sequential(*modules).double()
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.copy_((torch.rand(parameter.shape, generator=generator) - 0.5).float().double())
    rows = (torch.randn(2 * PAIRS, WIDTH, generator=generator) + 0.3).float().double()
    # Two alike: |u − v| has a kink there.
    rows[3] = rows[2]
    rows.requires_grad_()
    scores = torch.rand(PAIRS, generator=generator).double() * 4 + 0.5
    teacher = torch.rand(PAIRS, generator=generator).double() * 1.4 - 0.4
    u, v = rows[0::2], rows[1::2]
    z = head(torch.cat([u, v, u * v, (u - v).abs()], 1))[:, 0]
    value = (1 - alpha) * mse_loss(z, (scores - 0.5) / 4) + alpha * mse_loss(z, teacher)
    value.backward()
    flat = lambda tensors: torch.cat([tensor.flatten() for tensor in tensors]).tolist()
    return {
        "alpha": alpha,
        "hidden": hidden,
        "activation": activation,
        "parameters": flat([parameter.detach() for parameter in head.parameters()]),
        "embeddings": rows.detach().flatten().tolist(),
        "scores": scores.tolist(),
        "teacher": teacher.tolist(),
        "value": value.item(),
        "gradient": rows.grad.flatten().tolist(),
        "parameter_gradient": flat([parameter.grad for parameter in head.parameters()]),
    }


cases = [
    case(*arguments)
    for arguments in [(0, [7], "relu"), (0.25, [7], "relu"), (1, [5, 3], "tanh"), (0.5, [4], "gelu"), (0.5, [], "relu")]
]
print(json.dumps({"width": WIDTH, "cases": cases}, separators=(",", ":")).replace('{"alpha"', '\n{"alpha"'))
