"""Writes a tiny random model of each family, with a tokenizer of single bytes, as the authors' version of transformers saves it.

    tiny_models.py FOLDER    # makes FOLDER/llama, FOLDER/mistral, FOLDER/qwen2
"""

import json
import pathlib
import sys

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

SIZES = dict(
    vocab_size=260, hidden_size=48, intermediate_size=80, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=512, rms_norm_eps=1e-5, tie_word_embeddings=False, pad_token_id=0, bos_token_id=1, eos_token_id=2,
)  # fmt: skip
# Mistral's window is longer than any text here: neither package applies it to bidirectional layers.
FAMILIES = {"llama": {}, "mistral": {"sliding_window": 512}, "qwen2": {}}


def tokenizer():
    """256 bytes and four special tokens, without merges; puts `<s>` before a text, as LLaMA's does."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate(["<pad>", "<s>", "</s>", "<unk>", *alphabet])}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<pad>", "<s>", "</s>", "<unk>"])
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return made


def write(folder, family, more):
    torch.manual_seed(20261129)
    config = transformers.AutoConfig.for_model(family, **SIZES, **more)
    model = transformers.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            numbers = torch.randn_like(parameter) * 0.2
            parameter.copy_(1 + numbers if "norm" in name else numbers)
    model.save_pretrained(folder)
    tokenizer().save(str(folder / "tokenizer.json"))
    words = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    inputs = {"model_max_length": 512, "model_input_names": ["input_ids", "attention_mask"]}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", **inputs, **words}))


if __name__ == "__main__":
    for family, more in FAMILIES.items():
        write(pathlib.Path(sys.argv[1]) / family, family, more)
