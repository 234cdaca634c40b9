"""Embeds with BiLLM's own models; BiLLM_START_INDEX, which the package reads when it is imported, is the caller's.

    peer_billm.py JOBS.json OUT.npz

A job: `name`, `model` (a folder), `class` (of billm), `attention` (eager or sdpa), `batches` (lists of token ids), and
`readouts`: pooling and index among `hidden_states`. A batch is padded on the right, as BeLLM's evaluation does.
"""

import json
import sys

import billm
import numpy as np
import torch


def padded(batch, pad):
    longest = max(map(len, batch))
    ids = torch.tensor([row + [pad] * (longest - len(row)) for row in batch])
    return ids, torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in batch])


def pooled(states, mask, pooling):
    lengths = mask.sum(1)
    if pooling == "last":
        return states[torch.arange(len(states)), lengths - 1]
    return (states * mask[..., None]).sum(1) / lengths[:, None]


@torch.inference_mode()
def embed(job):
    model = getattr(billm, job["class"]).from_pretrained(
        job["model"], attn_implementation=job["attention"], torch_dtype=torch.float32).eval()
    found = {f"{pooling} {layer}": [] for pooling, layer in job["readouts"]}
    for batch in job["batches"]:
        ids, mask = padded(batch, model.config.pad_token_id or 0)
        states = model(input_ids=ids, attention_mask=mask, output_hidden_states=True, use_cache=False).hidden_states
        for pooling, layer in job["readouts"]:
            found[f"{pooling} {layer}"].append(pooled(states[layer], mask, pooling))
    return {f"{job['name']} | {readout}": torch.cat(rows).numpy() for readout, rows in found.items()}


jobs = json.load(open(sys.argv[1]))
np.savez(sys.argv[2], **{name: rows for job in jobs for name, rows in embed(job).items()})
