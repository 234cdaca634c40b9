"""Embeds with AnglE's `encode`, on one padded batch, and computes its losses on given embeddings.

    peer_angle.py JOBS.json OUT.npz

A job that embeds: `name`, `model` (a folder), `pooling`, `prompt` (or null), `sentences`. One of losses: `name`, `embeddings`
(a .npy file, examples' rows in turn), `format` (AngleLoss's A, B or C), `scores` (or null), `options` (of AngleLoss).
"""

import json
import sys

import numpy as np
import torch
from angle_emb import AnglE, AngleLoss


def embed(job):
    model = AnglE.from_pretrained(
        job["model"], is_llm=True, pooling_strategy=job["pooling"], torch_dtype=torch.float32, device="cpu")
    return model.encode(job["sentences"], prompt=job["prompt"], to_numpy=True)


def loss(job):
    rows = torch.from_numpy(np.load(job["embeddings"])).double()
    labels = None
    if job["scores"]:
        labels = torch.tensor([score for score in job["scores"] for _ in range(2)], dtype=torch.double)[:, None]
    return np.array([AngleLoss(dataset_format=job["format"], **job["options"])(labels, rows).item()])


jobs = json.load(open(sys.argv[1]))
np.savez(sys.argv[2], **{job["name"]: embed(job) if "model" in job else loss(job) for job in jobs})
