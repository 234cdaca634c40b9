#!/usr/bin/env python3
"""Dump a folder of sentence-transformers whose first module is a StaticEmbedding, and the embeddings that the library makes.

The tokenizer has a frame and a truncation: the library leaves the first out and keeps the second.

Usage: dump_static_embedding.py > static_embedding.json
"""

import json
import tempfile

import torch
from dump_dense_folder import dense, files
from formula_weights import values
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = ["[UNK]", "[CLS]", "[SEP]", "a", "bird", "dog", "flies", "runs", "the", "##s", ".", "é"]
SENTENCES = ["A bird flies.", "The dogs run", "", "zzz", "a a a bird", "É", "the bird " * 6, "[CLS] a [SEP]"]


def tokenizer():
    made = Tokenizer(models.WordPiece({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    made.add_special_tokens(["[UNK]", "[CLS]", "[SEP]"])
    made.enable_truncation(max_length=7)
    made.enable_padding()
    return made


FOLDERS = {
    "alone": lambda: [],
    "normalised": lambda: [Normalize()],
    "a Dense": lambda: [dense(6, 4, True, torch.nn.Tanh()), Normalize()],
}


def main():
    found = []
    for name, rest in FOLDERS.items():
        with tempfile.TemporaryDirectory() as folder:
            table = StaticEmbedding(tokenizer(), embedding_weights=values("static", [len(WORDS), 6]))
            SentenceTransformer(modules=[table, *rest()], device="cpu").save(folder, create_model_card=False)
            rows = SentenceTransformer(folder, device="cpu").encode(SENTENCES)
            found.append({"name": name, "rows": [[float(f"{x:.8g}") for x in row] for row in rows.tolist()],
                          "files": files(folder)})
    print(json.dumps({"sentences": SENTENCES, "folders": found}, separators=(",", ":")))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
