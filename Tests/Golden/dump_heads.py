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
ACTIVATIONS = {"identity": torch.nn.Identity, "tanh": torch.nn.Tanh, "gelu": torch.nn.GELU, "relu": torch.nn.ReLU}
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
        "heads": [gradients(name) for name in HEADS],
        "trainings": [losses(name) for name in TRAINED],
    }  # fmt: skip
    print(json.dumps(golden, separators=(",", ":")))
