#!/usr/bin/env python3
"""Dumps adaptive_layers.json: sentence-transformers' Matryoshka2dLoss and AdaptiveLayerLoss over
MultipleNegativesRankingLoss, gradients by autograd.

    pip install sentence-transformers==6.2.0
    python3 Tests/Golden/dump_adaptive_layers.py > Tests/Golden/adaptive_layers.json

The layers' embeddings are fixed: a model that hands them over takes the place of the transformer. All layers and all
dimensions are in each step, so that nothing is drawn.
"""

import json
import types

import torch
from sentence_transformers import SentenceTransformer, losses
from sentence_transformers.base.modules import Transformer

LAYERS, HIDDEN, PAIRS, DIMENSIONS = 4, 8, 5, [8, 4]

generator = torch.Generator().manual_seed(20261128)
layers = [(torch.randn(2 * PAIRS, HIDDEN, generator=generator) + 0.4).float() for _ in range(LAYERS + 1)]


class Layers(Transformer):
    """Anchors stand in the even rows, positives in the odd ones."""

    def __init__(self, leaves):
        torch.nn.Module.__init__(self)
        self.leaves = leaves

    @property
    def auto_model(self):
        return types.SimpleNamespace(config=types.SimpleNamespace(output_hidden_states=False))

    def forward(self, features):
        found = [leaf[features["role"] :: 2] for leaf in self.leaves]
        features.update({"all_layer_embeddings": found, "token_embeddings": found[-1]})
        return features


class Fixed(SentenceTransformer):
    def __init__(self, leaves):
        torch.nn.Sequential.__init__(self, Layers(leaves))

    def forward(self, features):
        features = self[0].forward(features)
        return {**features, "sentence_embedding": features["token_embeddings"]}

    def get_embedding_dimension(self):
        return HIDDEN

    get_sentence_embedding_dimension = get_embedding_dimension


def case(name, dimensions, **options):
    leaves = [layer.clone().requires_grad_() for layer in layers]
    model = Fixed(leaves)
    inner = losses.MultipleNegativesRankingLoss(model, scale=20.0)
    if dimensions:
        loss = losses.Matryoshka2dLoss(model, inner, dimensions, n_layers_per_step=-1, n_dims_per_step=-1, **options)
    else:
        loss = losses.AdaptiveLayerLoss(model, inner, n_layers_per_step=-1, **options)
    value = loss([{"role": 0}, {"role": 1}], None)
    value.backward()
    gradients = [leaf.grad.flatten().tolist() for leaf in leaves]
    return {"name": name, "dimensions": dimensions, "value": value.item(), "gradients": gradients}


cases = [
    case("uniform", DIMENSIONS),
    case("log", DIMENSIONS, layer_weighting="log", kl_temperature=1.0),
    case("linear", [], layer_weighting="linear", last_layer_weight=2.0, prior_layers_weight=0.5, kl_div_weight=0.25),
    case("no divergence", [], kl_temperature=0),
]
print(json.dumps({"hidden": HIDDEN, "layers": [layer.flatten().tolist() for layer in layers], "cases": cases}))
