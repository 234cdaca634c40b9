#!/usr/bin/env python3
"""Dump gradients and losses of training tiny models of every family, by PyTorch and PEFT, to family_training.json.

The models are those of families.json, whose configurations and weights by formula are read from there, and LLaMA. For each
family, readout and attention: low-rank factors of all linear maps, some maps whole, and the whole model. The loss is the mean
square of the pooled states less numbers by formula. Of each gradient the file has its length and its products with two
vectors of formula numbers; of training ten losses under AdamW. Unpadded sequences, one by one; float32, eager attention.
Needs PyPI's torch, transformers and peft.

Usage: dump_family_training.py
"""

import copy
import inspect
import json
from pathlib import Path

import torch
from authors_models import NewConfig, own_class
from formula_weights import fill, values, write_golden
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, MT5EncoderModel, T5EncoderModel

STEPS, RANK, ALPHA = 10, 2, 4
FAMILIES = [
    "llama", "mistral", "qwen2", "qwen2 with window", "qwen3", "gemma2", "gemma3", "phi3", "gpt2", "opt", "gpt_neox",
    "gpt_neox in turn", "bert", "roberta", "distilbert", "mpnet", "nomic_bert", "eurobert", "modernbert",
    "modernbert with biases", "smollm3", "t5", "t5 with gate", "mt5", "bloom",
    "bert of jina", "new",
]  # fmt: skip
ENCODERS = ["bert", "roberta", "distilbert", "mpnet", "nomic_bert", "eurobert", "modernbert"]
ENCODERS += ["modernbert with biases", "t5", "t5 with gate", "mt5", "bert of jina", "new"]
# Of a model with a decoder the encoder alone.
MODELS = {"t5": T5EncoderModel, "mt5": MT5EncoderModel}
# The last repeats tokens; the lengths are longer than the windows.
SEQUENCES = [[7, 31, 2, 19, 19, 4, 38, 11], [5, 3], [25, 13, 8, 30, 21, 6, 2, 2, 9]]
WHOLE = {
    "phi3": ["qkv_proj", "mlp.down_proj"], "gpt2": ["c_attn", "mlp.c_proj"], "opt": ["q_proj", "fc1"],
    "gpt_neox": ["query_key_value", "dense_4h_to_h"], "bert": ["key", "attention.output.dense"],
    "roberta": ["key", "attention.output.dense"], "distilbert": ["k_lin", "ffn.lin2"],
    "mpnet": ["attn.k", "relative_attention_bias"], "modernbert": ["Wqkv", "mlp.Wo"],
    "t5": ["k", "relative_attention_bias"], "mt5": ["wi_1", "relative_attention_bias"],
    "bloom": ["query_key_value", "dense_4h_to_h"], "new": ["qkv_proj", "mlp.down_proj"],
}  # fmt: skip
LLAMA = {
    "model_type": "llama", "vocab_size": 40, "hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 32, "rms_norm_eps": 1e-6,
    "rope_parameters": {"rope_type": "default", "rope_theta": 50.0}, "tie_word_embeddings": True, "pad_token_id": None,
    "bos_token_id": None, "eos_token_id": None,
}  # fmt: skip


def build(config):
    """The model that PEFT adapts, with the formula's weights of the bare backbone."""
    config = (NewConfig if config["model_type"] == "new" else AutoConfig.for_model)(**copy.deepcopy(config))
    config._attn_implementation = "eager"
    for name in [name for name in dir(config) if name.endswith(("dropout", "pdrop", "dropout_prob", "dropout_rate"))]:
        if isinstance(getattr(config, name), (int, float)):
            setattr(config, name, 0.0)
    own = own_class(config) or MODELS.get(config.model_type)
    bare = (own(config) if own else AutoModel.from_config(config)).float()
    tensors = [entry for entry in fill(bare) if "pooler" not in entry[0]]
    if config.model_type in ENCODERS:
        return bare, bare, tensors
    model = AutoModelForCausalLM.from_config(config).float()
    backbone = model.base_model
    backbone.load_state_dict(bare.state_dict())
    return model, backbone, tensors


def mask(config, layer, length, bidirectional):
    """What a layer adds to the scores."""
    distance = torch.arange(length)[:, None] - torch.arange(length)
    seen = torch.ones(length, length, dtype=torch.bool) if bidirectional else distance >= 0
    types = getattr(config, "layer_types", None)
    window = getattr(config, "sliding_window", None)
    if window and (types is None or types[layer] == "sliding_attention"):
        seen = seen & (distance.abs() < window)
    return torch.zeros(1, 1, length, length).masked_fill(~seen, torch.finfo(torch.float32).min)


def layers(backbone):
    found = [m for name, m in backbone.named_modules() if name in ("layers", "h", "encoder.layer", "decoder.layers")]
    return found[0]


def embed(backbone, bidirectional, pooling):
    rows = []
    for tokens in SEQUENCES:
        length, hooks = len(tokens), []
        if backbone.config.model_type not in ENCODERS:
            for index, layer in enumerate(layers(backbone)):
                added = mask(backbone.config, index, length, bidirectional)

                def use(module, arguments, options, added=added):
                    place = list(inspect.signature(module.forward).parameters).index("attention_mask")
                    if len(arguments) <= place:
                        return arguments, options | {"attention_mask": added}
                    return arguments[:place] + (added,) + arguments[place + 1 :], options

                hooks.append(layer.register_forward_pre_hook(use, with_kwargs=True))
        states = backbone(input_ids=torch.tensor([tokens])).last_hidden_state[0]
        for hook in hooks:
            hook.remove()
        rows.append(states[-1] if pooling == "last" else states.mean(0))
    return torch.stack(rows)


def loss_of(backbone, bidirectional, pooling):
    rows = embed(backbone, bidirectional, pooling)
    return ((rows - values("targets", rows.shape)) ** 2).mean()


def prepare(name, config, kind):
    """A model of which the wanted parameters are trained; they by the names of PEFT's files."""
    model, backbone, tensors = build(config)
    family = name.split(" ")[0]
    whole = WHOLE.get(family, ["v_proj", "mlp.down_proj"])
    if kind in ("full", "whole"):
        # As PEFT's modules_to_save, whose names are the modules' own.
        unread = ("lm_head", "embed_out", "pooler")
        for n, parameter in model.named_parameters():
            is_whole = any(("." + n).rpartition(".")[0].endswith("." + module) for module in whole)
            parameter.requires_grad_(is_whole if kind == "whole" else not any(part in n for part in unread))
        trained = {"base_model.model." + n: p for n, p in model.named_parameters() if p.requires_grad}
        return backbone, trained, tensors
    modules = [n for n, m in model.named_modules() if type(m).__name__ in ("Linear", "Conv1D")]
    modules = [n for n in modules if "pooler" not in n and "lm_head" not in n and "embed_out" not in n]
    options = dict(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, fan_in_fan_out=family == "gpt2")
    adapted = get_peft_model(model, LoraConfig(**options, target_modules=modules))
    trained = {}
    with torch.no_grad():
        for parameter_name, parameter in adapted.named_parameters():
            if parameter.requires_grad:
                short = parameter_name.replace(".default", "")
                trained[short] = parameter
                parameter.copy_(values(short, parameter.shape))
    return backbone, trained, tensors


def rounded(x):
    return float(f"{x:.7g}")


def measured(name, gradient):
    flat = gradient.flatten().double()
    products = [flat @ values(f"{name}.{part}", [flat.numel()]).double().flatten() for part in "ab"]
    return [rounded(flat.norm().item())] + [rounded(x.item()) for x in products]


def case(name, config, kind, bidirectional, pooling):
    backbone, trained, _ = prepare(name, config, kind)
    optimiser = torch.optim.AdamW(trained.values(), lr=2e-3 if kind == "lora" else 5e-4)
    losses, gradients = [], {}
    for step in range(STEPS):
        loss = loss_of(backbone, bidirectional, pooling)
        optimiser.zero_grad()
        loss.backward()
        if step == 0:
            for n, p in trained.items():
                assert p.grad is not None, (name, kind, n)
            gradients = {n: measured(n, p.grad) for n, p in trained.items()}
        optimiser.step()
        losses.append(rounded(loss.item()))
    print(name, kind, bidirectional, pooling, losses[0], losses[-1], len(gradients))
    return {
        "kind": kind, "bidirectional": bidirectional, "pooling": pooling, "losses": losses, "gradients": gradients,
    }  # fmt: skip


def main():
    folder = Path(__file__).parent
    configs = {c["name"]: c["config"] for c in json.loads((folder / "families.json").read_text())["cases"]}
    configs["llama"] = LLAMA
    models = []
    for name in FAMILIES:
        config = configs[name]
        cases = [("lora", True, "mean"), ("whole", True, "last"), ("full", True, "mean")]
        if name not in ENCODERS:
            cases = [("lora", False, "last"), ("lora", True, "mean"), ("whole", False, "mean"), ("full", False, "mean"),
                     ("full", True, "last")]  # fmt: skip
        models.append({
            "name": name, "config": config if name == "llama" else None, "tensors": build(config)[2],
            "whole": WHOLE.get(name.split(" ")[0], ["v_proj", "mlp.down_proj"]),
            "cases": [case(name, config, *c) for c in cases],
        })  # fmt: skip
    golden = {"rank": RANK, "alpha": ALPHA, "sequences": SEQUENCES, "models": models}
    write_golden(folder / "family_training.json", golden, "models")


main()
