"""Writes merging.json: adapters merged by numpy as dense matrices, in double precision.

Two and three LoRA adapters of a tiny model's q_proj and down_proj, their factors by the formula of dump_training.py, of
different ranks and scales. Each case has Σ over the maps of what the merged adapter adds, flattened.
"""

import json
import pathlib

import numpy

from dump_training import formula

MAPS = {"self_attn.q_proj": (24, 24), "mlp.down_proj": (24, 40)}
ADAPTERS = [("one", 2, 4.0, list(MAPS)), ("two", 3, 1.5, list(MAPS)), ("three", 1, 2.0, ["self_attn.q_proj"])]


def change(name, rank, alpha, maps):
    """The task vector, map by map: alpha / rank · B A."""
    parts = []
    for layer in range(2):
        for module, (outputs, inputs) in MAPS.items():
            if module not in maps:
                parts.append(numpy.zeros((outputs, inputs)))
                continue
            key = f"{name}.{layer}.{module}"
            a = numpy.asarray(formula(key + ".A", (rank, inputs), 0.5), dtype=numpy.float64)
            b = numpy.asarray(formula(key + ".B", (outputs, rank), 0.5), dtype=numpy.float64)
            parts.append(alpha / rank * b @ a)
    return numpy.concatenate([part.ravel() for part in parts])


def slerp(one, two, weights):
    angle = numpy.arccos(one @ two / (numpy.linalg.norm(one) * numpy.linalg.norm(two)))
    shares = numpy.asarray(weights) / sum(weights)
    return (numpy.sin(shares[0] * angle) * one + numpy.sin(shares[1] * angle) * two) / numpy.sin(angle)


def main():
    vectors = [change(*adapter) for adapter in ADAPTERS]
    cases = [
        ("average", [0, 1, 2], [], 1, sum(vectors) / 3),
        ("average", [0, 1], [1, 3], 0.5, 0.5 * (vectors[0] + 3 * vectors[1]) / 4),
        ("task_arithmetic", [0, 2], [0.7, -0.2], 1.5, 1.5 * (0.7 * vectors[0] - 0.2 * vectors[2])),
        ("slerp", [0, 1], [], 1, slerp(vectors[0], vectors[1], [1, 1])),
        ("slerp", [0, 1], [1, 3], 2, 2 * slerp(vectors[0], vectors[1], [1, 3])),
    ]
    # The sum of all, the sum of squares, and a few elements say as much as all 3,264.
    found = [
        {
            "by": by, "adapters": chosen, "weights": weights, "scale": scale, "sum": float(vector.sum()),
            "squares": float(vector @ vector), "some": [float(x) for x in vector[::97]],
        }
        for by, chosen, weights, scale, vector in cases
    ]
    adapters = [{"name": n, "rank": r, "alpha": a, "maps": m} for n, r, a, m in ADAPTERS]
    path = pathlib.Path(__file__).with_name("merging.json")
    path.write_text(json.dumps({"adapters": adapters, "cases": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
