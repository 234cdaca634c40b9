"""Hidden states of tiny models whose `config.json` leaves out all that it may, or says null wherever it may, by transformers.

    python Tests/Golden/dump_sparse_configs.py

Writes sparse_configs.json: for each family two cases, as in families.json but with the last hidden states alone. "least" has
a model's sizes and nothing else; "null" says null for each further key of the family that transformers 5 then builds a model
from. Needs torch and transformers.
"""

import json
import tempfile
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel, MT5EncoderModel, T5EncoderModel
from transformers.utils import logging

from formula_weights import fill, rounded, write_golden

VOCABULARY = 40
LIKE_LLAMA = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=20, num_hidden_layers=1, num_attention_heads=4)
GROUPED = LIKE_LLAMA | dict(num_key_value_heads=2, head_dim=4)
ENCODER = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
    max_position_embeddings=32,
)
SIZES = {
    "llama": LIKE_LLAMA,
    "mistral": GROUPED,
    "qwen2": LIKE_LLAMA | dict(num_key_value_heads=4),
    "qwen3": GROUPED,
    "gemma2": GROUPED,
    "gemma3_text": GROUPED,
    "phi3": LIKE_LLAMA,
    "gpt2": dict(vocab_size=VOCABULARY, n_embd=16, n_layer=1, n_head=2, n_positions=32),
    "opt": dict(
        vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=24, word_embed_proj_dim=16,
        max_position_embeddings=32,
    ),
    "gpt_neox": dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2),
    "bert": ENCODER,
    **{family: ENCODER | dict(type_vocab_size=1) for family in ["roberta", "xlm-roberta", "camembert"]},
    "distilbert": dict(vocab_size=VOCABULARY, dim=16, n_layers=1, n_heads=2, hidden_dim=24, max_position_embeddings=32),
    "nomic_bert": ENCODER,
    "eurobert": LIKE_LLAMA,
    "modernbert": ENCODER | dict(num_hidden_layers=2),
    "smollm3": GROUPED,
    "bloom": dict(vocab_size=VOCABULARY, hidden_size=16, n_layer=1, n_head=2),
    **{family: dict(vocab_size=VOCABULARY, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_heads=2) for family in ["t5", "mt5"]},
}
# Of a model with a decoder the encoder alone.
MODELS = {"t5": T5EncoderModel, "mt5": MT5EncoderModel}
# Token ids of a large vocabulary, which a model of 40 words cannot have.
IDS = dict(bos_token_id=None, eos_token_id=None, pad_token_id=None)
# Families whose own token ids are small; RoBERTa's positions begin behind the padding token's.
KEEPING_IDS = ["roberta", "xlm-roberta", "camembert", "distilbert", "nomic_bert", "t5", "mt5"]
TOKENS = torch.tensor([[7, 31, 2, 19, 19, 4, 38, 11, 0, 25, 13]])


def model(config):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(config))
        read = AutoConfig.from_pretrained(folder)
    read._attn_implementation = "eager"
    own = MODELS.get(config["model_type"])
    return (own(read) if own else AutoModel.from_config(read)).eval().float()


def states(config):
    built = model(config)
    tensors = [entry for entry in fill(built) if "pooler" not in entry[0]]
    with torch.no_grad():
        found = built(TOKENS).last_hidden_state
    return tensors, found


def works(config):
    try:
        return bool(torch.isfinite(states(config)[1]).all())
    except Exception:
        return False


def case(name, config):
    tensors, found = states(config)
    return {"name": name, "config": config, "tensors": tensors, "states": rounded([found])}


def cases(family):
    least = {"model_type": family} | SIZES[family] | ({} if family in KEEPING_IDS else IDS)
    yield case(f"{family}, least", least)
    written = json.loads(model(least).config.to_json_string(use_diff=False))
    keys = [key for key in written if key not in least and not key.startswith("_") and key != "transformers_version"]
    if "rope_parameters" in written:
        # ModernBERT has two bases, of other names.
        keys += ["rope_scaling"] + ["rope_theta"] * ("sliding_attention" not in (written["rope_parameters"] or {}))
    nulls = {key: None for key in sorted(set(keys)) if works(least | {key: None})}
    while not works(least | nulls):
        nulls.popitem()
    yield case(f"{family}, null", least | nulls)


def main():
    logging.set_verbosity_error()
    golden = {"tokens": TOKENS[0].tolist(), "cases": [one for family in SIZES for one in cases(family)]}
    write_golden(Path(__file__).parent / "sparse_configs.json", golden, "cases")


main()
