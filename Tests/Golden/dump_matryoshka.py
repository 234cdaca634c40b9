#!/usr/bin/env python3
"""Dumps matryoshka.json: sentence-transformers' MatryoshkaLoss over MultipleNegativesRankingLoss, gradients by autograd.

    pip install sentence-transformers
    python3 Tests/Golden/dump_matryoshka.py > Tests/Golden/matryoshka.json

The embeddings are fixed: a model that hands them over takes the place of the transformer.
"""

import json

import torch
from sentence_transformers import losses

DIMENSIONS, WEIGHTS, HIDDEN, PAIRS = [8, 4, 2], [1.0, 0.5, 0.25], 8, 6

generator = torch.Generator().manual_seed(20261127)
embeddings = (torch.randn(2 * PAIRS, HIDDEN, generator=generator) + 0.7).float()
leaf = embeddings.clone().requires_grad_()


class Fixed(torch.nn.Module):
    """Anchors stand in the even rows, positives in the odd ones."""

    def forward(self, features):
        return {"sentence_embedding": leaf[features["role"] :: 2]}

    def get_embedding_dimension(self):
        return HIDDEN

    get_sentence_embedding_dimension = get_embedding_dimension


model = Fixed()
inner = losses.MultipleNegativesRankingLoss(model, scale=20.0)
loss = losses.MatryoshkaLoss(model, inner, matryoshka_dims=DIMENSIONS, matryoshka_weights=WEIGHTS)
value = loss([{"role": 0}, {"role": 1}], None)
value.backward()
print(
    json.dumps(
        {
            "dimensions": DIMENSIONS,
            "weights": WEIGHTS,
            "hidden": HIDDEN,
            "embeddings": embeddings.flatten().tolist(),
            "value": value.item(),
            "gradient": leaf.grad.flatten().tolist(),
        }
    )
)
