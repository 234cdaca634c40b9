#!/usr/bin/env python3
"""Dump heads by PyTorch to heads.json: outputs and gradients of each kind, and the losses of training LoRA with a head.

Inputs, parameters and the gradient of the output come from the formula that Tests/TestSupport/FormulaNumbers.swift has too.
The training is dump_training.py's, with the head between its pooling and its loss, under one clipping and one AdamW; all
examples are one batch, so that their order doesn't matter.

Usage: dump_heads.py > heads.json
"""

import json

import torch
from dump_training import EXAMPLES, LEARNING_RATE, STEPS, TEMPERATURE, build, embed, factors, formula, short

ROWS, WIDTH = 5, 24
NN = torch.nn
ACTIVATIONS = {
    "identity": NN.Identity, "tanh": NN.Tanh, "gelu": NN.GELU, "relu": NN.ReLU, "sigmoid": NN.Sigmoid, "silu": NN.SiLU,
    "mish": NN.Mish, "elu": NN.ELU, "celu": NN.CELU, "selu": NN.SELU, "softplus": NN.Softplus, "leaky_relu": NN.LeakyReLU,
    "relu6": NN.ReLU6, "log_sigmoid": NN.LogSigmoid, "softsign": NN.Softsign, "hardtanh": NN.Hardtanh,
    "hardsigmoid": NN.Hardsigmoid, "hardswish": NN.Hardswish, "tanhshrink": NN.Tanhshrink, "softshrink": NN.Softshrink,
    "hardshrink": NN.Hardshrink,
}  # fmt: skip
# Numbers beyond each bend and threshold of those functions.
POINTS = [-30, -7, -3.5, -2.5, -1.25, -0.75, -0.375, -0.01, 0.02, 0.375, 0.75, 1.25, 2.5, 3.5, 5.5, 7, 19, 30]
# Layers: outputs, bias, activation.
HEADS = {
    "linear": [(7, True, "identity")],
    "linear without bias": [(30, False, "identity")],
    "simcse": [(24, True, "tanh")],
    "mlp gelu": [(11, True, "gelu"), (6, True, "identity")],
    "mlp relu": [(16, True, "relu"), (9, True, "relu"), (5, True, "identity")],
}
TRAINED = ["linear", "mlp gelu", "simcse"]


def head_of(name):
    """A head and its parameters in the order of the flat vector."""
    modules, width = [], WIDTH
    for outputs, bias, activation in HEADS[name]:
        modules += [torch.nn.Linear(width, outputs, bias=bias), ACTIVATIONS[activation]()]
        width = outputs
    head = torch.nn.Sequential(*modules)
    flat = torch.nn.utils.parameters_to_vector(head.parameters())
    torch.nn.utils.vector_to_parameters(formula("head", flat.shape, 0.4), head.parameters())
    return head


def gradients(name):
    head = head_of(name)
    rows = formula("rows", (ROWS, WIDTH), 2).requires_grad_()
    output = head(rows)
    output.backward(formula("gradient", output.shape, 1))
    parameters = torch.cat([parameter.grad.flatten() for parameter in head.parameters()])
    layers = [{"outputs": o, "bias": b, "activation": a} for o, b, a in HEADS[name]]
    return {
        "name": name, "layers": layers, "output": short(output.detach()), "rows": short(rows.grad),
        "parameters": short(parameters),
    }  # fmt: skip


def function(name):
    """An activation's values and slopes at the points, and the path of its class."""
    module, x = ACTIVATIONS[name](), torch.tensor(POINTS, requires_grad=True)
    y = module(x)
    y.sum().backward()
    path = f"{type(module).__module__}.{type(module).__qualname__}"
    return {"name": name, "path": path, "values": short(y.detach()), "slopes": short(x.grad)}


def loss_of(model, head):
    embeddings = head(embed(model, [text for example in EXAMPLES for text in example], "last 1", "mean"))
    units = torch.nn.functional.normalize(embeddings, dim=-1)
    anchors, positives, negatives = units[0::3], units[1::3], units[2::3]
    logits = anchors @ torch.cat([positives, negatives]).T / TEMPERATURE
    return torch.nn.functional.cross_entropy(logits, torch.arange(len(EXAMPLES)))


def losses(name):
    model, head = build(), head_of(name)
    trained = [*factors(model).values(), *head.parameters()]
    optimiser = torch.optim.AdamW(trained, lr=LEARNING_RATE)
    found = []
    for _ in range(STEPS):
        loss = loss_of(model, head)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        found.append(float(f"{loss.item():.7g}"))
    return {"head": name, "losses": found}


if __name__ == "__main__":
    torch.set_num_threads(1)
    golden = {
        "examples": EXAMPLES, "learningRate": LEARNING_RATE, "temperature": TEMPERATURE, "rows": ROWS, "width": WIDTH,
        "heads": [gradients(name) for name in HEADS], "points": POINTS,
        "functions": [function(name) for name in ACTIVATIONS],
        "trainings": [losses(name) for name in TRAINED],
    }  # fmt: skip
    print(json.dumps(golden, separators=(",", ":")))
