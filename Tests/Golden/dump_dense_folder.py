#!/usr/bin/env python3
"""Dump a folder of sentence-transformers with two Dense modules, and the embeddings that the library makes with it.

The folder is what the library saves: a tiny BERT, its mean, 12 numbers of 8 by a tanh, 5 of them without a bias, length 1.
Weights come from the formula that Tests/TestSupport/FormulaNumbers.swift has too. Needs PyPI's sentence-transformers 6.2.

Each of its files is stored in base 64.

Usage: dump_dense_folder.py > dense_folder.json
"""

import base64
import json
import os
import tempfile

import torch
from formula_weights import fill, values
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "bird", "flies", "cat", "sleeps", "it", "rains", "."]
SENTENCES = ["A bird flies.", "A cat sleeps", "it rains.", "rains", "bird cat bird cat bird cat", "unknown words."]
PROMPT = "it rains. "


def backbone(folder):
    config = BertConfig(
        vocab_size=len(VOCABULARY), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=16)  # fmt: skip
    model = BertModel(config).eval()
    fill(model)
    model.save_pretrained(folder)
    vocabulary = {word: index for index, word in enumerate(VOCABULARY)}
    tokenizer = BertTokenizerFast(vocab=vocabulary, model_max_length=16)
    assert tokenizer("A bird flies.").input_ids == [2, 5, 6, 7, 12, 3]
    tokenizer.save_pretrained(folder)


def dense(inputs, outputs, bias, activation):
    module = Dense(inputs, outputs, bias=bias, activation_function=activation)
    module.load_state_dict({name: values(name, tensor.shape) for name, tensor in module.state_dict().items()})
    return module


def files(folder):
    """Each file's bytes in base 64, by its path in the folder."""
    paths = sorted(os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)
    return {os.path.relpath(path, folder): base64.b64encode(open(path, "rb").read()).decode() for path in paths}


def main():
    with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as folder:
        backbone(source)
        modules = [
            Transformer(source), Pooling(8, "mean"), dense(8, 12, True, torch.nn.Tanh()),
            dense(12, 5, False, torch.nn.Identity()), Normalize(),
        ]  # fmt: skip
        SentenceTransformer(modules=modules, device="cpu").save(folder, create_model_card=False)
        # What is compared is what is stored.
        model = SentenceTransformer(folder, device="cpu")
        rows = {name: model.encode(SENTENCES, prompt=prompt) for name, prompt in [("plain", None), ("prompted", PROMPT)]}
        assert all(len({tuple(row) for row in found.tolist()}) == len(SENTENCES) for found in rows.values())
        golden = {
            "sentences": SENTENCES, "prompt": PROMPT,
            **{name: [[float(f"{x:.8g}") for x in row] for row in found.tolist()] for name, found in rows.items()},
            "files": files(folder),
        }  # fmt: skip
    print(json.dumps(golden, separators=(",", ":")))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
