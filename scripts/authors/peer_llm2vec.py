"""Embeds with LLM2Vec's own class and models, on one left-padded batch of all sentences.

    peer_llm2vec.py JOBS.json OUT.npz

A job: `name`, `model` (a folder), `bidirectional`, `attention` (eager or sdpa), `options` (of LLM2Vec), and either `instruction` and
`sentences`, or `ids`, the tokens of whole texts, and `pooled`, how many at the end of each are the sentence's.
"""

import json
import sys
import types

import numpy as np
import torch
from llm2vec import LLM2Vec
from llm2vec.models import LlamaBiModel


def embed(job):
    given = {"attn_implementation": job["attention"], "torch_dtype": torch.float32}
    model = LLM2Vec.from_pretrained(job["model"], enable_bidirectional=job["bidirectional"], **given, **job["options"])
    inputs = [[job["instruction"], sentence] for sentence in job["sentences"]]
    return model.encode(inputs, batch_size=len(inputs), show_progress_bar=False, convert_to_numpy=True)


@torch.inference_mode()
def embed_ids(job):
    """The same behind its tokenizer, for a backbone whose own these versions can't read."""
    backbone = LlamaBiModel.from_pretrained(
        job["model"], attn_implementation=job["attention"], torch_dtype=torch.float32)  # fmt: skip
    model = LLM2Vec(backbone, types.SimpleNamespace(padding_side="left"), **job["options"]).eval()
    longest = max(map(len, job["ids"]))
    pads = [longest - len(row) for row in job["ids"]]
    features = {
        "input_ids": [[0] * pad + row for pad, row in zip(pads, job["ids"])],
        "attention_mask": [[0] * pad + [1] * (longest - pad) for pad in pads],
        "embed_mask": [[0] * (longest - count) + [1] * count for count in job["pooled"]],
    }
    return model({name: torch.tensor(rows) for name, rows in features.items()}).numpy()


jobs = json.load(open(sys.argv[1]))
np.savez(sys.argv[2], **{job["name"]: (embed_ids if "ids" in job else embed)(job) for job in jobs})
