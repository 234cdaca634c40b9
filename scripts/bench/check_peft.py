#!/usr/bin/env python3
"""Checks against the real PEFT that adapters mean the same on both sides. `make check-peft` runs it.

On a tiny random LLaMA with a tokenizer of single bytes: bellm embeds with adapters that PEFT wrote, and PEFT with those
that bellm trained; the last check is the released BeLLM's: its prompt, its final layer bidirectional over one padded
batch, its kind of adapter. Prints the largest difference of each, relative to the largest number; ends with 1 above LIMIT.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import torch
import transformers
from peft import AutoPeftModelForFeatureExtraction, LoraConfig, PeftModel, get_peft_model
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

HERE = pathlib.Path(__file__).parent
LIMIT = 1e-4
SENTENCES = [
    "A dog walks on the beach.", "Zwei Männer spielen Schach", "It rains", "x",
    "The quick brown fox jumps over the lazy dog, again and again.",
]  # fmt: skip
ADAPTERS = {
    "all linear maps": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"},
    "queries and values, rank-stabilised": {
        "r": 3, "lora_alpha": 5, "target_modules": ["q_proj", "v_proj"], "use_rslora": True,
    },
    "two layers, with dropout": {
        "r": 2, "lora_alpha": 2, "target_modules": ["up_proj", "o_proj"], "layers_to_transform": [0, 2],
        "lora_dropout": 0.1,
    },
    "some maps whole": {
        "r": 2, "lora_alpha": 4, "target_modules": ["v_proj"],
        "modules_to_save": ["layers.1.mlp.down_proj", "layers.2.self_attn.q_proj"],
    },
    "maps by their paths": {"r": 2, "lora_alpha": 4, "target_modules": ["layers.1.self_attn.q_proj", "down_proj"]},
    "a map whole in one layer": {
        "r": 2, "lora_alpha": 4, "target_modules": ["down_proj", "v_proj"],
        "modules_to_save": ["layers.1.mlp.down_proj"],
    },
    "whole modules by the letters at their ends": {
        "r": 2, "lora_alpha": 4, "target_modules": ["v_proj"], "modules_to_save": ["norm"],
    },
    "an expression": {"r": 2, "lora_alpha": 4, "target_modules": r".*\.(1|2)\..*(q_proj|down_proj)"},
    "ranks and alphas of their own": {
        "r": 2, "lora_alpha": 4, "target_modules": "all-linear", "rank_pattern": {"q_proj": 5, r"layers\.1\.self_attn\.o_proj": 3, "mlp.*": 4},
        "alpha_pattern": {"layers.2.self_attn.v_proj": 1, "mlp.up_proj": 9},
    },
    "ranks of their own, rank-stabilised": {
        "r": 3, "lora_alpha": 5, "target_modules": ["q_proj", "v_proj"], "use_rslora": True, "rank_pattern": {"v_proj": 2},
    },
    "the modules within one": {"r": 2, "lora_alpha": 4, "target_modules": ["v_proj"], "modules_to_save": ["1.mlp"]},
}  # fmt: skip
EXPERIMENT = """
tasks: [STS-B]
model: ./model
pooling: {pooling}
bidirectional: none
train: {{ data: pairs.csv, steps: 5, batch_size: 4, learning_rate: 3e-2, {keys} }}
"""
TRAINED = {
    "all linear maps": ("mean", "rank: 4, alpha: 8"),
    "some maps of some layers, with dropout": (
        "last", "rank: 4, alpha: 4, targets: [q_proj, down_proj], layers: [1, 2], dropout: 0.2"),
    "maps by their paths": ("mean", "rank: 4, targets: [layers.1.self_attn.q_proj, down_proj]"),
    "some maps whole": ("mean", "rank: 4, targets: [v_proj], modules_to_save: [layers.1.mlp.down_proj, k_proj]"),
    "no low-rank factors": ("mean", "targets: none, modules_to_save: [o_proj]"),
    "the final norm, not the layers' norms": ("mean", "rank: 4, targets: [v_proj], modules_to_save: [norm]"),
}


def make_model(folder):
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=256, hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, head_dim=12, max_position_embeddings=128, tie_word_embeddings=True,
        bos_token_id=None, eos_token_id=None,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            numbers = torch.randn_like(parameter) * 0.2
            parameter.copy_(1 + numbers if "norm" in name else numbers)
    model.save_pretrained(folder)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={token: index for index, token in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def fresh(folder):
    return LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@torch.inference_mode()
def embed(model, tokenizer, pooling):
    """By PEFT's model: one sentence at a time, without padding."""
    rows = []
    for sentence in SENTENCES:
        ids = torch.tensor([tokenizer.encode(sentence, add_special_tokens=False).ids])
        states = model(input_ids=ids, output_hidden_states=True).hidden_states[-1][0]
        rows.append(states[-1] if pooling == "last" else states.mean(0))
    return torch.stack(rows).numpy()


RELEASED = 'The representative word for sentence {text} is:"'


@torch.inference_mode()
def embed_as_released(model, tokenizer):
    """One batch padded on the right with token 0: causal layers hide the padding, the final layer sees all of it."""
    prompts = [
        tokenizer.encode(RELEASED.replace("{text}", line), add_special_tokens=False).ids for line in SENTENCES]
    longest = max(map(len, prompts))
    ids = torch.tensor([prompt + [0] * (longest - len(prompt)) for prompt in prompts])
    real = torch.arange(longest)[None] < torch.tensor([len(prompt) for prompt in prompts])[:, None]
    is_hidden = torch.ones(longest, longest).triu(1).bool()[None, None] | ~real[:, None, None, :]
    causal = torch.zeros(len(ids), 1, longest, longest).masked_fill(is_hidden, torch.finfo(torch.float32).min)
    decoder = model.base_model.model.model
    hidden = decoder.embed_tokens(ids)
    rotary = decoder.rotary_emb(hidden, torch.arange(longest)[None])
    for layer in decoder.layers:
        mask = torch.zeros_like(causal) if layer is decoder.layers[-1] else causal
        hidden = layer(hidden, attention_mask=mask, position_embeddings=rotary)
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
    states = decoder.norm(hidden)
    return torch.stack([state[len(prompt) - 1] for state, prompt in zip(states, prompts)]).numpy()


class Check:
    def __init__(self, options, work):
        self.program, self.work, self.failed = options.program.resolve(), work, False
        data = options.cache.resolve() / "data" / "raw"
        self.environment = os.environ | {"BELLM_CACHE": str(work / "cache"), "BELLM_DATA": str(data)}

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, *map(str, arguments)], cwd=self.work, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"check-peft: error: bellm {arguments[0]}: {done.stderr}")
        return done.stdout

    def bellm(self, pooling, adapter=None, *more):
        (self.work / "lines.txt").write_text("".join(f"{line}\n" for line in SENTENCES))
        self.run(
            "embed", "--model", "./model", "--pooling", pooling, "--input", "lines.txt", "--output", "out.h5",
            "--no-cache", *(["--adapter", adapter] if adapter else []), *more,
        )  # fmt: skip
        with h5py.File(self.work / "out.h5") as file:
            return file["embeddings"][:]

    def compare(self, label, found, expected, plain):
        """Both must agree, and both must differ from what is without the effect: the adapter, or padding in sight."""
        difference = np.abs(found - expected).max() / np.abs(expected).max()
        effect = np.abs(plain - expected).max() / np.abs(expected).max()
        ok = difference <= LIMIT and effect > 10 * LIMIT
        self.failed |= not ok
        print(f"{label}: largest difference {difference:.1e} (effect {effect:.1e}){'' if ok else '  FAILED'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, default=HERE.parents[1] / ".build" / "release" / "bellm")
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    options = parser.parse_args()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        check = Check(options, work)
        tokenizer = make_model(work / "model")
        plain = {pooling: check.bellm(pooling) for pooling in ["last", "mean"]}
        for pooling, found in plain.items():
            difference = np.abs(found - embed(fresh(work / "model"), tokenizer, pooling)).max() / np.abs(found).max()
            print(f"no adapter, {pooling}: largest difference {difference:.1e}")

        for number, (name, settings) in enumerate(ADAPTERS.items()):
            model = get_peft_model(fresh(work / "model"), LoraConfig(task_type="CAUSAL_LM", **settings)).eval()
            with torch.no_grad():
                for parameter in (p for p in model.parameters() if p.requires_grad):
                    parameter.copy_(torch.randn_like(parameter) * 0.2)
            folder = work / f"peft-{number}"
            model.save_pretrained(folder)
            for pooling in ["last", "mean"]:
                check.compare(
                    f"written by PEFT, {name}, {pooling}", check.bellm(pooling, folder),
                    embed(model, tokenizer, pooling), plain[pooling])  # fmt: skip

        released = ["--template", RELEASED, "--bidirectional", "last 1", "--padding"]
        model = get_peft_model(
            fresh(work / "model"), LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=4, target_modules="all-linear"))
        model.eval().load_adapter(work / "peft-0", "released")
        model.set_adapter("released")
        check.compare(
            "as BeLLM was released", check.bellm("last", work / "peft-0", *released, "visible"),
            embed_as_released(model, tokenizer), check.bellm("last", work / "peft-0", *released, "none"))  # fmt: skip

        pairs = [(f"a sentence, number {number}", f"phrase {number} of some words") for number in range(16)]
        (work / "pairs.csv").write_text("sent0,sent1\n" + "".join(f'"{a}","{b}"\n' for a, b in pairs))
        for number, (name, (pooling, keys)) in enumerate(TRAINED.items()):
            (work / "x.yaml").write_text(EXPERIMENT.format(pooling=pooling, keys=keys))
            adapters = work / f"bellm-{number}"
            check.run("train", "x.yaml", "--output", adapters)
            (folder,) = [path.parent for path in adapters.rglob("adapter_config.json")]
            model = PeftModel.from_pretrained(fresh(work / "model"), folder).eval()
            written = json.loads((folder / "adapter_config.json").read_text())
            loaded = model.peft_config["default"]
            if (loaded.r, loaded.lora_alpha) != (written["r"], written["lora_alpha"]):
                sys.exit("check-peft: error: PEFT read another rank or alpha than bellm wrote")
            check.compare(
                f"trained by bellm, {name}, {pooling}", check.bellm(pooling, folder), embed(model, tokenizer, pooling),
                plain[pooling])  # fmt: skip
            if "modules_to_save: [norm]" in keys:
                continue  # without a head PEFT takes the name for the layers' norms too: refused
            check.run("export", "x.yaml", "--output", f"exported-{number}", "--adapter-only")
            headless = AutoPeftModelForFeatureExtraction.from_pretrained(work / f"exported-{number}").eval()
            check.compare(
                f"exported by bellm, {name}, {pooling}", check.bellm(pooling, folder),
                embed(headless, tokenizer, pooling), plain[pooling])  # fmt: skip
    sys.exit(1 if check.failed else 0)


main()
