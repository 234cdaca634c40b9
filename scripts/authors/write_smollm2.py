"""Writes the backbone, a GGUF file, as a folder that transformers 4.44 reads: its numbers in float32, without a tokenizer.

    write_smollm2.py MODEL.gguf FOLDER
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

path, folder = map(pathlib.Path, sys.argv[1:])
model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
config = model.config.to_dict()
# Version 5 says rotary positions in a mapping of their own, which version 4 passes over.
rotary = config.pop("rope_parameters")
assert rotary["rope_type"] == "default", rotary
config |= {"rope_theta": rotary["rope_theta"], "torch_dtype": "float32"}
kept = {
    "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
    "max_position_embeddings", "rms_norm_eps", "rope_theta", "hidden_act", "tie_word_embeddings", "pad_token_id", "bos_token_id",
    "eos_token_id", "torch_dtype",
}  # fmt: skip
folder.mkdir()
(folder / "config.json").write_text(json.dumps({key: config[key] for key in sorted(kept)}, indent=1))
tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
