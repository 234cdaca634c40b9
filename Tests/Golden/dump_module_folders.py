#!/usr/bin/env python3
"""Dump folders of sentence-transformers with other modules than Dense, and the embeddings that the library makes with them.

The backbone is that of dense_folder.json; the files here are the others, each in base 64.

Usage: dump_module_folders.py > module_folders.json
"""

import json
import tempfile

import torch
from dump_dense_folder import PROMPT, SENTENCES, backbone, dense, files
from formula_weights import values
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, LayerNorm, Normalize, Pooling, Transformer


def of_formula(module, name):
    module.load_state_dict({key: values(f"{name} {key}", tensor.shape) for key, tensor in module.state_dict().items()})
    return module


def residual(inputs, outputs, activation):
    module = Dense(inputs, outputs, activation_function=activation, use_residual=True)
    return of_formula(module, f"residual {inputs} {outputs}")


FOLDERS = {
    "all kinds, cut": lambda: (
        [Pooling(8, "mean"), Normalize(), residual(8, 8, torch.nn.Tanh()), of_formula(LayerNorm(8), "norm"),
         residual(8, 6, torch.nn.Identity()), Normalize()], 4),
    "a LayerNorm": lambda: ([Pooling(8, "cls"), of_formula(LayerNorm(8), "norm")], None),
    "length 1, then a Dense": lambda: ([Pooling(8, "max"), Normalize(), dense(8, 12, True, torch.nn.Tanh())], None),
    "a cut alone": lambda: ([Pooling(8, "mean")], 5),
    "length 1, then a cut": lambda: ([Pooling(8, "mean"), Normalize()], 5),
    "a cut that is none": lambda: ([Pooling(8, "mean")], 9),
}


def main():
    found = []
    for name, make in FOLDERS.items():
        with tempfile.TemporaryDirectory() as source, tempfile.TemporaryDirectory() as folder:
            backbone(source)
            modules, dimensions = make()
            made = SentenceTransformer(modules=[Transformer(source), *modules], device="cpu", truncate_dim=dimensions)
            made.save(folder, create_model_card=False)
            model = SentenceTransformer(folder, device="cpu")
            assert model.truncate_dim == dimensions
            rows = model.encode(SENTENCES, prompt=PROMPT)
            others = {path: text for path, text in files(folder).items() if "/" in path or "modules" in path or "sentence_transformers" in path}
            found.append({"name": name, "rows": [[float(f"{x:.8g}") for x in row] for row in rows.tolist()], "files": others})
    print(json.dumps(found, separators=(",", ":")))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
