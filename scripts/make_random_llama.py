#!/usr/bin/env python3
"""Write a LLaMA model with random bfloat16 weights as a GGUF file, to see how large backbones run.

The sizes default to LLaMA-2-7B's (13.5 GB). The tokenizer is copied from another GGUF file, so the vocabulary has its
size. With --adapter, a random LoRA adapter for it too, as PEFT stores adapters. Needs PyPI's gguf, safetensors and numpy.

Example:
    python3 scripts/make_random_llama.py --tokenizer SmolLM2-135M-Instruct.Q4_1.gguf --adapter random-lora random-7b.gguf
    bellm run experiments/bellm-llama-2-7b.yaml --data DATA --limit 2 \\
        --set model=./random-7b.gguf --set adapter=./random-lora
"""

import argparse
import json
import os

import gguf
import numpy as np
from safetensors.numpy import save_file


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--tokenizer", required=True, help="a GGUF file with a byte-level BPE tokenizer")
    parser.add_argument("--layers", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=4096)
    parser.add_argument("--intermediate", type=int, default=11008)
    parser.add_argument("--heads", type=int, default=32)
    parser.add_argument("--kv-heads", type=int, default=32)
    parser.add_argument("--adapter", metavar="DIR", help="a folder for a random adapter")
    parser.add_argument("--rank", type=int, default=32, help="the adapter's")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def copy_tokenizer(source, writer):
    """Copies the tokenizer's metadata and returns the vocabulary's size."""
    reader = gguf.GGUFReader(source)
    for name, field in reader.fields.items():
        if name.startswith("tokenizer."):
            kind = field.types[0]
            writer.add_key_value(name, field.contents(), kind, field.types[-1] if len(field.types) > 1 else None)
    return len(reader.fields["tokenizer.ggml.tokens"].data)


def tensors(arguments, vocabulary):
    """Names, shapes and whether a tensor is a norm's weight, in the order of the file."""
    hidden, inner = arguments.hidden, arguments.intermediate
    keys = hidden // arguments.heads * arguments.kv_heads
    yield "token_embd.weight", (vocabulary, hidden), False
    for layer in range(arguments.layers):
        block = f"blk.{layer}."
        yield block + "attn_norm.weight", (hidden,), True
        yield block + "attn_q.weight", (hidden, hidden), False
        yield block + "attn_k.weight", (keys, hidden), False
        yield block + "attn_v.weight", (keys, hidden), False
        yield block + "attn_output.weight", (hidden, hidden), False
        yield block + "ffn_norm.weight", (hidden,), True
        yield block + "ffn_gate.weight", (inner, hidden), False
        yield block + "ffn_up.weight", (inner, hidden), False
        yield block + "ffn_down.weight", (hidden, inner), False
    yield "output_norm.weight", (hidden,), True


def write_adapter(arguments):
    """Low-rank factors of all seven linear maps, small enough to leave a random model's states finite."""
    hidden, inner = arguments.hidden, arguments.intermediate
    keys = hidden // arguments.heads * arguments.kv_heads
    maps = {
        "self_attn.q_proj": (hidden, hidden), "self_attn.k_proj": (keys, hidden), "self_attn.v_proj": (keys, hidden),
        "self_attn.o_proj": (hidden, hidden), "mlp.gate_proj": (inner, hidden), "mlp.up_proj": (inner, hidden),
        "mlp.down_proj": (hidden, inner),
    }  # fmt: skip
    random = np.random.default_rng(arguments.seed + 1)
    tensors = {}
    for layer in range(arguments.layers):
        for name, (outputs, inputs) in maps.items():
            prefix = f"base_model.model.model.layers.{layer}.{name}"
            for factor, shape in [("A", (arguments.rank, inputs)), ("B", (outputs, arguments.rank))]:
                numbers = random.standard_normal(shape, dtype=np.float32) * 0.01
                tensors[f"{prefix}.lora_{factor}.weight"] = numbers.astype(np.float16)
    os.makedirs(arguments.adapter, exist_ok=True)
    save_file(tensors, os.path.join(arguments.adapter, "adapter_model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(arguments.adapter, "adapter_config.json"), "w") as file:
        config = {
            "peft_type": "LORA", "r": arguments.rank, "lora_alpha": arguments.rank, "lora_dropout": 0.1, "bias": "none",
            "target_modules": [name.split(".")[1] for name in maps], "task_type": "CAUSAL_LM",
        }  # fmt: skip
        json.dump(config, file, indent=2)


def main():
    arguments = parse_arguments()
    partial = arguments.output + ".tmp"
    writer = gguf.GGUFWriter(partial, "llama")
    vocabulary = copy_tokenizer(arguments.tokenizer, writer)
    writer.add_block_count(arguments.layers)
    writer.add_context_length(4096)
    writer.add_embedding_length(arguments.hidden)
    writer.add_feed_forward_length(arguments.intermediate)
    writer.add_head_count(arguments.heads)
    writer.add_head_count_kv(arguments.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)

    plan = list(tensors(arguments, vocabulary))
    for name, shape, is_norm in plan:
        kind = gguf.GGMLQuantizationType.F32 if is_norm else gguf.GGMLQuantizationType.BF16
        size = 4 if is_norm else 2
        writer.add_tensor_info(
            name, shape, np.dtype(np.float32 if is_norm else np.uint16), size * int(np.prod(shape)), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()

    # Slices of one pool of normal numbers, standard deviation 0.02: fresh ones for every weight would take minutes.
    random = np.random.default_rng(arguments.seed)
    numbers = (random.standard_normal(1 << 26, dtype=np.float32) * 0.02).view(np.uint32)
    pool = (numbers >> 16).astype(np.uint16)
    for _, shape, is_norm in plan:
        if is_norm:
            writer.write_tensor_data(np.ones(shape, dtype=np.float32))
        else:
            count = int(np.prod(shape))
            start = int(random.integers(len(pool)))
            values = np.take(pool, np.arange(start, start + count), mode="wrap")
            writer.write_tensor_data(values.reshape(shape))
    writer.close()
    os.replace(partial, arguments.output)
    if arguments.adapter:
        write_adapter(arguments)


if __name__ == "__main__":
    main()
