#!/usr/bin/env python3
"""Dump a folder of sentence-transformers that is made as sentence-t5 and gtr-t5 are, and the embeddings that the library makes with it.

A tiny T5 encoder, its mean, a Dense without bias or activation, length 1. The tokenizer is T5's: unigrams, `</s>` behind a text.
The folder says that texts are cut behind 512 tokens; the last of them has more. "uncut" is without that limit. Weights come from
the formula that Tests/TestSupport/FormulaNumbers.swift has too. Needs PyPI's sentence-transformers 6.2.

Each of its files is stored in base 64.

Usage: dump_t5_folder.py > t5_folder.json
"""

import json
import tempfile

import torch
from dump_dense_folder import dense, files
from formula_weights import fill
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import T5Config, T5EncoderModel, T5Tokenizer

WORDS = ["bird", "flies", "cat", "sleeps", "it", "rains", "a", ".", "s", "ing"]
SENTENCES = ["a bird flies.", "a cat  sleeps", "it rains.", "rains", "bird cat bird cat bird cat", "unknown words", "x", ""]
SENTENCES.append("it rains. a cat sleeps. a bird flies. " * 60)
LIMIT = 512


def backbone(folder):
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(piece, -3.0 - index / 8) for index, word in enumerate(WORDS) for piece in ("▁" + word, word)]
    tokenizer = T5Tokenizer(vocab=pieces, extra_ids=2, model_max_length=LIMIT)
    config = T5Config(vocab_size=len(tokenizer), d_model=8, d_kv=6, d_ff=12, num_layers=2, num_heads=2)
    model = T5EncoderModel(config).eval()
    fill(model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def rounded(rows):
    return [[float(f"{x:.8g}") for x in row] for row in rows.tolist()]


def main():
    with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as folder:
        backbone(source)
        modules = [Transformer(source), Pooling(8, "mean"), dense(8, 5, False, torch.nn.Identity()), Normalize()]
        SentenceTransformer(modules=modules, device="cpu").save(folder, create_model_card=False)
        # What is compared is what is stored.
        model = SentenceTransformer(folder, device="cpu")
        assert model.max_seq_length == LIMIT
        ids = [model.tokenizer(text).input_ids for text in SENTENCES]
        assert all(row[-1] == model.tokenizer.eos_token_id for row in ids) and len(ids[-1]) > 600
        rows = model.encode(SENTENCES)
        model.max_seq_length = 10**9
        uncut = model.encode(SENTENCES[-1:])
        assert abs(uncut - rows[-1:]).max() > 1e-4
        golden = {"sentences": SENTENCES, "ids": ids, "rows": rounded(rows), "uncut": rounded(uncut), "files": files(folder)}
    print(json.dumps(golden, separators=(",", ":")))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
