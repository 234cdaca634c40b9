"""Writes merging.json: adapters merged by numpy as dense matrices, in double precision.

Two and three LoRA adapters of a tiny model's q_proj and down_proj, their factors by the formula of dump_training.py, of
different ranks and scales; what a probe measures of them by the same formula. Each case has Σ over the maps of what the merged adapter adds, flattened. `ties` and `dare` are of
dense matrices, cut to a rank by numpy's singular values; what dare drops is drawn by the program's generator, xoshiro256**.
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


WORD = 2**64


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % WORD
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
        return z ^ (z >> 31)


def uniform(seed, part, count, purpose=8):
    """Numbers as RandomGenerator draws them for merging."""
    seeds = SplitMix64(seed)
    for word in (purpose, part):
        seeds = SplitMix64(seeds.next() ^ word)
    s = [seeds.next() for _ in range(4)]
    rotated = lambda x, bits: (x << bits | x >> (64 - bits)) % WORD
    numbers = []
    for _ in range(count):
        numbers.append((rotated(s[1] * 5 % WORD, 7) * 9 % WORD >> 11) * 2.0**-53)
        shifted = (s[1] << 17) % WORD
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotated(s[3], 45)
    return numpy.asarray(numbers)


def split(vector):
    """A flat task vector, map by map."""
    shapes = [shape for _ in range(2) for shape in MAPS.values()]
    ends = numpy.cumsum([rows * columns for rows, columns in shapes])
    return [part.reshape(shape) for part, shape in zip(numpy.split(vector, ends[:-1]), shapes)]


def cut(vector, rank):
    """Each map's nearest matrix of a rank, and the share of the sum of squares that they have."""
    parts = []
    for part in split(vector):
        u, s, v = numpy.linalg.svd(part, full_matrices=False)
        parts.append((u[:, :rank] * s[:rank]) @ v[:rank])
    found = numpy.concatenate([part.ravel() for part in parts])
    return found, float(found @ found / (vector @ vector))


def ties(vectors, density, weights, scale):
    trimmed = []
    for vector in vectors:
        sizes = numpy.sort(numpy.abs(vector[vector != 0]))[::-1]
        trimmed.append(numpy.where(numpy.abs(vector) >= sizes[int(density * len(sizes)) - 1], vector, 0))
    trimmed, weights = numpy.stack(trimmed), numpy.asarray(weights)[:, None]
    sign = numpy.sign((weights * trimmed).sum(axis=0))
    agrees = (numpy.sign(trimmed) == sign) & (trimmed != 0)
    mass = (weights * agrees).sum(axis=0)
    mean = (weights * trimmed * agrees).sum(axis=0) / numpy.where(mass > 0, mass, 1)
    return scale * mean


def dare(vectors, drop, seed, weights, scale):
    total = 0
    for index, vector in enumerate(vectors):
        kept = [
            numpy.where(uniform(seed, index * 4 + number, part.size) < drop, 0, part.ravel()) / (1 - drop)
            for number, part in enumerate(split(vector))
        ]
        total = total + weights[index] * numpy.concatenate(kept)
    return scale * total


def measured(name, inputs_alone):
    """Numbers as a probe has them, map by map: squares of a gradient, or a Gram matrix of 7 tokens. The last map has none."""
    parts = []
    for layer in range(2):
        for module, (outputs, inputs) in MAPS.items():
            key = f"{name}.{layer}.{module}"
            if inputs_alone:
                x = numpy.asarray(formula(key + ".x", (7, inputs), 0.5), dtype=numpy.float64)
                part = x.T @ x
            else:
                part = numpy.asarray(formula(key + ".g", (outputs, inputs), 0.5), dtype=numpy.float64) ** 2
            parts.append(part.astype(numpy.float32).astype(numpy.float64))
    parts[-1] *= 0
    return parts


def fisher(chosen, vectors, weights, scale):
    weights = numpy.asarray(weights) / sum(weights)
    top = bottom = plain = 0
    for index, weight in zip(chosen, weights):
        numbers = numpy.concatenate([part.ravel() for part in measured(ADAPTERS[index][0], False)])
        top, bottom = top + weight * numbers * vectors[index], bottom + weight * numbers
        plain = plain + weight * vectors[index]
    return scale * numpy.where(bottom > 0, top / numpy.where(bottom > 0, bottom, 1), plain)


def regmean(chosen, vectors, weights, scale, off_diagonal):
    weights = numpy.asarray(weights) / sum(weights)
    maps = [split(vectors[index]) for index in chosen]
    grams = [measured(ADAPTERS[index][0], True) for index in chosen]
    parts = []
    for number in range(4):
        own = [g[number] * numpy.where(numpy.eye(len(g[number])) > 0, 1, off_diagonal) for g in grams]
        total = sum(weight * gram for weight, gram in zip(weights, own))
        if not total.any():
            parts.append(sum(weight * one[number] for weight, one in zip(weights, maps)))
            continue
        outputs = sum(weight * one[number] @ gram for weight, one, gram in zip(weights, maps, own))
        parts.append(outputs @ numpy.linalg.pinv(total, rcond=1e-6, hermitian=True))
    return scale * numpy.concatenate([part.ravel() for part in parts])


def main():
    vectors = [change(*adapter) for adapter in ADAPTERS]
    cases = [
        ("average", [0, 1, 2], [], 1, sum(vectors) / 3),
        ("average", [0, 1], [1, 3], 0.5, 0.5 * (vectors[0] + 3 * vectors[1]) / 4),
        ("task_arithmetic", [0, 2], [0.7, -0.2], 1.5, 1.5 * (0.7 * vectors[0] - 0.2 * vectors[2])),
        ("slerp", [0, 1], [], 1, slerp(vectors[0], vectors[1], [1, 1])),
        ("slerp", [0, 1], [1, 3], 2, 2 * slerp(vectors[0], vectors[1], [1, 3])),
    ]
    cases = [(*case, {}) for case in cases]
    pair = [vectors[0], vectors[1]]
    for by, chosen, weights, scale, vector, more in [
        ("average", [0, 1], [], 1, sum(pair) / 2, {"rank": 2}),
        ("slerp", [0, 1], [1, 3], 2, 2 * slerp(*pair, [1, 3]), {"rank": 4}),
        ("ties", [0, 1], [], 1, ties(pair, 0.2, [1, 1], 1), {"density": 0.2, "rank": 24}),
        ("ties", [0, 1, 2], [1, 2, 3], 0.7, ties(vectors, 0.5, [1, 2, 3], 0.7), {"density": 0.5, "rank": 3}),
        ("ties", [0, 1], [], 1, ties(pair, 1, [1, 1], 1), {"density": 1, "rank": 30}),
        ("dare", [0, 1], [], 1, dare(pair, 0.5, 1, [1, 1], 1), {"drop": 0.5, "seed": 1, "rank": 24}),
        (
            "dare", [0, 2], [0.7, -0.2], 1.5, dare([vectors[0], vectors[2]], 0.9, 7, [0.7, -0.2], 1.5),
            {"drop": 0.9, "seed": 7, "rank": 5},
        ),
        ("fisher", [0, 1], [], 1, fisher([0, 1], vectors, [1, 1], 1), {"rank": 24}),
        ("fisher", [0, 1, 2], [1, 2, 3], 0.7, fisher([0, 1, 2], vectors, [1, 2, 3], 0.7), {"rank": 3}),
        ("regmean", [0, 1], [], 1, regmean([0, 1], vectors, [1, 1], 1, 0.9), {"rank": 24, "off_diagonal": 0.9}),
        (
            "regmean", [0, 1, 2], [1, 2, 3], 1.5, regmean([0, 1, 2], vectors, [1, 2, 3], 1.5, 0.25),
            {"rank": 4, "off_diagonal": 0.25},
        ),
        ("regmean", [0, 2], [], 1, regmean([0, 2], vectors, [1, 1], 1, 0), {"rank": 30, "off_diagonal": 0}),
    ]:  # fmt: skip
        vector, kept = cut(vector, more["rank"])
        cases.append((by, chosen, weights, scale, vector, {**more, "kept": kept}))
    # The sum of all, the sum of squares, and a few elements say as much as all 3,264.
    found = [
        {
            "by": by, "adapters": chosen, "weights": weights, "scale": scale, "sum": float(vector.sum()),
            "squares": float(vector @ vector), "some": [float(x) for x in vector[::97]], **more,
        }
        for by, chosen, weights, scale, vector, more in cases
    ]
    adapters = [{"name": n, "rank": r, "alpha": a, "maps": m} for n, r, a, m in ADAPTERS]
    path = pathlib.Path(__file__).with_name("merging.json")
    path.write_text(json.dumps({"adapters": adapters, "cases": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
