#!/usr/bin/env python3
"""Dump the gradients and losses of LoRA training of a tiny random LLaMA, by PyTorch and PEFT, to training.json.

All weights come from a formula that Tests/TestSupport/FormulaNumbers.swift has too. The tokens are the prompts' bytes.
Right-padded batches under explicit 4D masks, a layer's own each; float32, eager attention. Needs PyPI's torch,
transformers and peft. Also writes peft_tiny.json: the first adapter's folder as PEFT saves it, each file in base 64.

Usage: dump_training.py > training.json
"""

import base64
import json
import pathlib
import tempfile

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

LAYERS, RANK, ALPHA, TEMPERATURE = 3, 2, 4, 0.05
BATCH, STEPS, LEARNING_RATE = 4, 10, 5e-3
TEMPLATE = 'Say "{text}" in one word:"'
EXAMPLES = [
    ["A dog runs.", "An animal is moving fast", "Nobody moves"],
    ["Two men play chess", "People play", "The board is empty, and the men are asleep"],
    ["It rains", "The weather is wet", "The sun shines"],
    ["She slices an onion into thin rings.", "A woman cuts vegetables", "x"],
    ["A train leaves", "A train departs from the station", "The train arrives late"],
    ["Children sing", "Kids are singing a song", "Silence"],
    ["The cat sleeps on a sofa", "A cat is asleep", "A cat chases mice"],
    ["He reads", "A man reads a book in the park", "He burns the book"],
]
CASES = [
    ("none", "last"), ("none", "mean"), ("all", "last"), ("all", "mean"), ("last 1", "last"), ("last 1", "mean"),
    ("last 2", "last"),
]  # fmt: skip
BLOCKS = {
    "self_attn.q_proj": ("attn_q", 0.5), "self_attn.k_proj": ("attn_k", 0.5), "self_attn.v_proj": ("attn_v", 0.5),
    "self_attn.o_proj": ("attn_output", 0.3), "mlp.gate_proj": ("ffn_gate", 0.4), "mlp.up_proj": ("ffn_up", 0.4),
    "mlp.down_proj": ("ffn_down", 0.3), "input_layernorm": ("attn_norm", None),
    "post_attention_layernorm": ("ffn_norm", None),
}  # fmt: skip


def formula(name, shape, bound):
    """Numbers from -bound to bound: a hash of the name (FNV-1a) and the index (lowbias32), exact in float32."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    x = (np.arange(np.prod(shape), dtype=np.uint64) * 0x9E3779B9 + seed).astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    unit = (x >> np.uint32(8)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)
    return torch.from_numpy((unit * np.float32(bound)).reshape(shape))


def stored_name(name):
    """GGUF's name of a tensor, and its bound; None for norms."""
    ends = {"model.embed_tokens.weight": ("token_embd.weight", 1), "model.norm.weight": ("output_norm.weight", None)}
    if name in ends:
        return ends[name]
    layer, block = name.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
    return f"blk.{layer}.{BLOCKS[block][0]}.weight", BLOCKS[block][1]


def build():
    config = LlamaConfig(
        vocab_size=256, hidden_size=24, intermediate_size=40, num_hidden_layers=LAYERS, num_attention_heads=4,
        num_key_value_heads=2, head_dim=6, max_position_embeddings=128, rms_norm_eps=1e-5,
        rope_parameters={"rope_theta": 1000.0, "rope_type": "default"}, attn_implementation="eager",
        tie_word_embeddings=True,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            stored, bound = stored_name(name)
            numbers = formula(stored, parameter.shape, 0.5 if bound is None else bound)
            parameter.copy_(numbers + 1 if bound is None else numbers)
    model = get_peft_model(
        model, LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, parameter in factors(model).items():
            parameter.copy_(formula(name, parameter.shape, 0.2))
    return model


def factors(model):
    """The trained tensors by the names in PEFT's files."""
    return {name.replace(".default", ""): p for name, p in model.named_parameters() if p.requires_grad}


def masks(lengths, width, plan):
    """For each layer the mask [sequences, 1, queries, keys] of what is added to the scores."""
    real = torch.arange(width)[None, :] < torch.tensor(lengths)[:, None]
    causal = torch.ones(width, width, dtype=torch.bool).tril()
    count = {"none": 0, "all": LAYERS}.get(plan)
    count = int(plan.split()[1]) if count is None else count
    for layer in range(LAYERS):
        seen = real[:, None, :] & (torch.ones_like(causal) if layer >= LAYERS - count else causal)
        seen = seen | torch.eye(width, dtype=torch.bool)  # padding sees itself: no row of a softmax is empty
        yield torch.zeros(seen.shape).masked_fill(~seen, float("-inf"))[:, None]


def embed(model, sentences, plan, pooling):
    rows = [list(TEMPLATE.replace("{text}", text).encode()) for text in sentences]
    lengths = [len(row) for row in rows]
    width = max(lengths)
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    decoder = model.base_model.model.model
    hooks = []
    for layer, mask in zip(decoder.layers, masks(lengths, width, plan), strict=True):

        def use(module, arguments, options, mask=mask):
            return arguments, options | {"attention_mask": mask}

        hooks.append(layer.register_forward_pre_hook(use, with_kwargs=True))
    states = decoder(input_ids=ids, attention_mask=torch.zeros(len(rows), 1, width, width)).last_hidden_state
    for hook in hooks:
        hook.remove()
    if pooling == "last":
        return states[torch.arange(len(rows)), torch.tensor(lengths) - 1]
    real = (torch.arange(width)[None, :] < torch.tensor(lengths)[:, None])[..., None]
    return (states * real).sum(1) / torch.tensor(lengths)[:, None]


def loss_of(model, examples, plan, pooling):
    """SimCSE, equation 5."""
    embeddings = embed(model, [text for example in examples for text in example], plan, pooling)
    units = torch.nn.functional.normalize(embeddings, dim=-1)
    anchors, positives, negatives = units[0::3], units[1::3], units[2::3]
    logits = anchors @ torch.cat([positives, negatives]).T / TEMPERATURE
    return torch.nn.functional.cross_entropy(logits, torch.arange(len(examples)))


def short(tensor):
    return [float(f"{x:.7g}") for x in tensor.flatten().tolist()]


def dump(plan, pooling):
    model = build()
    trained = factors(model)
    optimiser = torch.optim.AdamW(trained.values(), lr=LEARNING_RATE)
    losses, gradients = [], {}
    for step in range(STEPS):
        start = step * BATCH % len(EXAMPLES)
        loss = loss_of(model, EXAMPLES[start : start + BATCH], plan, pooling)
        optimiser.zero_grad()
        loss.backward()
        if step == 0:
            gradients = {name: short(parameter.grad) for name, parameter in trained.items()}
        torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
        optimiser.step()
        losses.append(float(f"{loss.item():.7g}"))
    return {"bidirectional": plan, "pooling": pooling, "losses": losses, "gradients": gradients}


def main():
    with tempfile.TemporaryDirectory() as folder:
        build().save_pretrained(folder)
        names = ["adapter_config.json", "adapter_model.safetensors"]
        files = {name: base64.b64encode((pathlib.Path(folder) / name).read_bytes()).decode() for name in names}
    text = json.dumps(files, indent=1) + "\n"
    (pathlib.Path(__file__).parent / "peft_tiny.json").write_text(text)
    golden = {
        "template": TEMPLATE, "examples": EXAMPLES, "layers": LAYERS, "rank": RANK, "alpha": ALPHA,
        "batchSize": BATCH, "temperature": TEMPERATURE, "learningRate": LEARNING_RATE,
        "cases": [dump(*case) for case in CASES],
    }  # fmt: skip
    print(json.dumps(golden, separators=(",", ":")))


if __name__ == "__main__":
    main()
