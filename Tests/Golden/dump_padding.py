#!/usr/bin/env python3
"""Dump reference embeddings of a right-padded batch whose bidirectional layers see the padding, to padding.json.

What the released BeLLM computes (github.com/WhereIsAI/BiLLM, modeling_llama.py): a causal layer's mask hides padding
from every token, a bidirectional layer's mask is all zeros. Hugging Face's own layers, float32, one batch; ids from the
program (`bellm tokenize`). Needs PyPI's torch, transformers and gguf.

Usage: dump_padding.py MODEL.gguf BELLM > padding.json
"""

import json
import os
import sys

import torch
from dump_methods import SENTENCES, normalise, tokenize
from transformers import AutoModelForCausalLM

PAD = 2
TEMPLATE = 'The representative word for sentence {text} is:"'
METHODS = {
    "final layer, last": {"pooling": "last", "bidirectional": [29]},
    "two layers, hidden layer -2, last": {"pooling": "last", "bidirectional": [3, 28], "layer": -2},
    "last four layers, mean": {"pooling": "mean", "bidirectional": [26, 27, 28, 29]},
}


@torch.no_grad()
def hidden_states(model, ids, real, bidirectional):
    decoder = model.model
    hidden = decoder.embed_tokens(ids)
    length = ids.shape[1]
    rotary = decoder.rotary_emb(hidden, torch.arange(length)[None])
    is_hidden = torch.ones(length, length).triu(1).bool()[None, None] | ~real[:, None, None, :]
    causal = torch.zeros(len(ids), 1, length, length).masked_fill(is_hidden, torch.finfo(torch.float32).min)
    states = [hidden]
    for index, layer in enumerate(decoder.layers):
        mask = torch.zeros_like(causal) if index in bidirectional else causal
        hidden = layer(hidden, attention_mask=mask, position_embeddings=rotary)
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
        states.append(hidden)
    states[-1] = decoder.norm(states[-1])
    return states


def main():
    path, bellm = sys.argv[1:]
    model = AutoModelForCausalLM.from_pretrained(
        os.path.dirname(path), gguf_file=os.path.basename(path), dtype=torch.float32, attn_implementation="eager")
    prompts = [
        tokenize(bellm, path, TEMPLATE.replace("{text}", normalise(sentence, "prompteol"))) for sentence in SENTENCES]
    longest = max(map(len, prompts))
    ids = torch.tensor([prompt + [PAD] * (longest - len(prompt)) for prompt in prompts])
    real = torch.tensor([[True] * len(prompt) + [False] * (longest - len(prompt)) for prompt in prompts])
    result = {"sentences": SENTENCES, "template": TEMPLATE, "methods": []}
    for name, method in METHODS.items():
        states = hidden_states(model, ids, real, method["bidirectional"])[method.get("layer", -1)]
        rows = []
        for state, prompt in zip(states, prompts):
            own = state[: len(prompt)]
            vector = own[-1] if method["pooling"] == "last" else own.mean(0)
            rows.append([float(f"{x:.6g}") for x in vector])
        result["methods"].append({"name": name, **method, "embeddings": rows})
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
