#!/usr/bin/env python3
"""Dumps optimiser.json, which the tests of Sources/Training compare with: torch.optim.AdamW over 20 clipped steps, and
the learning rates of transformers' schedules.

    python3 Tests/Golden/dump_optimiser.py > Tests/Golden/optimiser.json

Needs PyTorch and transformers.
"""

import json

import torch
from transformers import get_constant_schedule_with_warmup, get_cosine_schedule_with_warmup
from transformers import get_linear_schedule_with_warmup

torch.manual_seed(20261121)
STEPS = 20
shapes = [(3, 5), (2, 17)]
parameters = [torch.randn(shape).requires_grad_() for shape in shapes]
start = [p.detach().flatten().tolist() for p in parameters]
gradients = [[torch.randn(shape) * 10 ** (step % 3 - 1) for shape in shapes] for step in range(STEPS)]
optimiser = torch.optim.AdamW(parameters, lr=0.01, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.1, foreach=False)
norms = []
for step in gradients:
    for parameter, gradient in zip(parameters, step):
        parameter.grad = gradient.clone()
    norms.append(torch.nn.utils.clip_grad_norm_(parameters, 1.0).item())
    optimiser.step()


def rates(make, total, warmup):
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=8e-4)
    schedule = make(optimiser, warmup, *([] if make is get_constant_schedule_with_warmup else [total]))
    found = []
    for _ in range(total + 2):
        found.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    return found


schedules = [
    {"shape": name, "total": total, "warmup": warmup, "rates": rates(make, total, warmup)}
    for name, make in [
        ("constant", get_constant_schedule_with_warmup),
        ("linear", get_linear_schedule_with_warmup),
        ("cosine", get_cosine_schedule_with_warmup),
    ]
    for total, warmup in [(20, 0), (20, 4), (7, 7), (1, 0)]
]
adamw = {
    "shapes": shapes,
    "start": start,
    "gradients": [[g.flatten().tolist() for g in step] for step in gradients],
    "norms": norms,
    "end": [p.detach().flatten().tolist() for p in parameters],
}
print(json.dumps({"adamw": adamw, "schedules": schedules}, separators=(",", ":")).replace('{"shape"', '\n{"shape"'))
