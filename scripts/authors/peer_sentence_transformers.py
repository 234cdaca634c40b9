"""Embeds with sentence-transformers, on one padded batch, and computes its losses, through the model from texts on.

    peer_sentence_transformers.py JOBS.json OUT.npz

A job: `name`, `model` (a folder), `pooling` (its name there), and either `sentences`, or `columns` (one list of texts for each
role), `labels` (or null) and `losses`: names of classes with their arguments, each around the one behind it.
"""

import json
import sys

import numpy as np
import torch
from sentence_transformers import SentenceTransformer, losses
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer


def model_of(job):
    words = Transformer(job["model"])
    pooling = Pooling(words.get_embedding_dimension(), pooling_mode=job["pooling"])
    return SentenceTransformer(modules=[words, pooling], device="cpu")


def loss(job, model):
    made = None
    for name, arguments in reversed(job["losses"]):
        made = getattr(losses, name)(model, *([made] if made is not None else []), **arguments)
    columns = [model.preprocess(texts) for texts in job["columns"]]
    return np.array([made(columns, None if job["labels"] is None else torch.tensor(job["labels"])).item()])


def embed(job, model):
    return model.encode(job["sentences"], batch_size=len(job["sentences"]), show_progress_bar=False)


jobs = json.load(open(sys.argv[1]))
torch.manual_seed(1)
with torch.no_grad():
    np.savez(
        sys.argv[2], **{job["name"]: (loss if "losses" in job else embed)(job, model_of(job)) for job in jobs})
