"""Weights of tiny models by a formula, so that no weights are committed: the Swift tests compute the same ones.

Each tensor is a SplitMix64 stream whose seed is the FNV-1a hash of its name, scaled to [-0.4, 0.4); weights of norms,
which are the vectors named `weight`, get 1 added. Tests/ModelsTests/FormulaWeights.swift is the other half.
"""

import json

import numpy
import torch


def values(name, shape):
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    count = int(numpy.prod(shape))
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(seed) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    unit = (z >> numpy.uint64(40)).astype(numpy.float64) / 2**24
    offset = 1 if len(shape) == 1 and name.endswith("weight") else 0
    return torch.from_numpy((0.8 * unit - 0.4 + offset).astype(numpy.float32).reshape(shape))


def fill(model):
    """Gives a model the formula's weights.

    Returns the names and shapes of its tensors, as a checkpoint has them: those that are one tensor under several names by the
    first.
    """
    state = {}
    for name, tensor in model.state_dict().items():
        if all(tensor.data_ptr() != other.data_ptr() for other in state.values()):
            state[name] = tensor
    with torch.no_grad():
        for name, tensor in state.items():
            if tensor.is_floating_point():
                tensor.copy_(values(name, tensor.shape))
    model.tie_weights()
    return [[name, list(tensor.shape)] for name, tensor in state.items() if tensor.is_floating_point()]


def rounded(states):
    """Six significant digits of each hidden layer's states."""
    return [[[float(f"{x:.6g}") for x in row] for row in layer[0].tolist()] for layer in states]


def write_golden(path, golden, key):
    """Writes JSON with an entry of golden[key] a line. Those that a file there has stay where they agree to its digits.

    PyTorch's last digits differ from machine to machine: what hasn't changed should not look as if it had.
    """

    def agrees(old, new):
        if isinstance(new, dict):
            return isinstance(old, dict) and old.keys() == new.keys() and all(agrees(old[k], new[k]) for k in new)
        if isinstance(new, list):
            return isinstance(old, list) and len(old) == len(new) and all(map(agrees, old, new))
        if isinstance(new, float) and isinstance(old, (int, float)):
            return abs(old - new) <= 3e-5 * max(1, abs(new))
        return old == new

    old = {entry["name"]: entry for entry in json.loads(path.read_text())[key]} if path.exists() else {}
    entries = [old[e["name"]] if agrees(old.get(e["name"]), e) else e for e in golden[key]]
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
    rest = json.dumps({k: v for k, v in golden.items() if k != key}, separators=(",", ":"))
    path.write_text(f'{rest[:-1]},"{key}":[\n{lines}\n]}}\n')
