"""Writes dequantise.json: stored blocks of each type and their float32 values by the Python package `gguf`.

    pip install gguf==0.19.0
    python dump_dequantise.py SmolLM2-135M-Instruct.Q4_1.gguf > dequantise.json

The blocks have random numbers and scales at the ends of half precision: zeros of both signs, subnormals, the largest
value, infinity. `model` holds a few rows of the embedded backbone. Bytes are in base64, floats little-endian.
"""

import base64
import json
import sys

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize

HALVES = [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x7BFF, 0xFBFF, 0x7C00, 0x3555, 0xA9C3]
# Where each type keeps its half-precision scales.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}
ROWS = [
    ("token_embd.weight", 0), ("token_embd.weight", 49151), ("blk.0.attn_q.weight", 7),
    ("blk.29.ffn_down.weight", 575), ("output_norm.weight", 0),
]  # fmt: skip


def base64_of(array):
    return base64.b64encode(array.tobytes()).decode()


def blocks_of(name, random):
    kind = GGMLQuantizationType[name]
    size = GGML_QUANT_SIZES[kind][1]
    blocks = random.integers(0, 256, (len(HALVES), size), dtype=np.uint8)
    blocks[-1, :] = 0xFF
    blocks[-2, :] = 0x00
    for field, offset in enumerate(SCALES[name]):
        halves = np.roll(np.array(HALVES, dtype="<u2"), field)
        blocks[:, offset : offset + 2] = halves.view(np.uint8).reshape(-1, 2)
    return blocks


def plain_of(name, random):
    if name == "F32":
        special = np.array([0, 0x80000000, 1, 0x7F7FFFFF, 0xFF800000, 0x3F800000], dtype="<u4")
        return np.concatenate([special, random.integers(0, 0x7F800000, 26, dtype=np.uint32)]).view(np.uint8)
    top = 0x7C00 if name == "F16" else 0x7F80
    special = np.array([*HALVES[:7], top, top | 0x8000], dtype="<u2")
    return np.concatenate([special, random.integers(0, top, 23, dtype=np.uint16)]).view(np.uint8)


def doubles(random):
    """What the package doesn't decode: numpy rounds them as the processor does."""
    special = np.array([0.0, -0.0, 1 / 3, -1e-45, 7e-46, 1e-310, 3.4028235e38, 3.5e38, -1e300, 1 + 2**-24, 1 + 3 * 2**-24], dtype="<f8")
    stored = np.concatenate([special, random.standard_normal(21)]).astype("<f8")
    with np.errstate(over="ignore"):
        return {"stored": base64_of(stored), "expected": base64_of(stored.astype("<f4"))}


def main():
    random = np.random.default_rng(2)
    types = {}
    for name in ["F32", "F16", "BF16", *SCALES]:
        stored = blocks_of(name, random) if name in SCALES else plain_of(name, random)
        kind = GGMLQuantizationType[name]
        values = stored.view({"F32": np.float32, "F16": np.float16}.get(name, np.uint8))
        with np.errstate(invalid="ignore"):
            expected = dequantize(values.reshape(-1), kind).astype("<f4")
        types[name] = {"stored": base64_of(stored), "expected": base64_of(expected)}

    types["F64"] = doubles(random)

    tensors = {tensor.name: tensor for tensor in GGUFReader(sys.argv[1]).tensors}
    model = []
    for name, row in ROWS:
        tensor = tensors[name]
        stored = tensor.data if tensor.data.ndim > 1 else tensor.data[None]
        expected = dequantize(stored[row], tensor.tensor_type).astype("<f4")
        model.append(
            {"tensor": name, "row": row, "type": tensor.tensor_type.name, "expected": base64_of(expected)}
        )
    json.dump({"types": types, "model": model}, sys.stdout, indent=1)
    print()


main()
