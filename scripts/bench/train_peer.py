#!/usr/bin/env python3
"""PyTorch and PEFT train an adapter, in a process of their own. Prints one line of JSON.

    train_peer.py MODEL_FOLDER ADAPTER_FOLDER BATCHES.json --learning-rates JSON --threads N --layout NAME --attention NAME

BATCHES.json: for each step its sentences' token ids: anchor, positive, hard negative, anchor, …. A batch is padded on
the right and needs no mask under causal attention, which is the fastest way. `--layout columns` runs anchors, positives
and negatives apart, as sentence-transformers does; `sorted` runs all sentences by length in three parts, with less padding.
"""

import argparse
import json
import resource
import time

import torch
import transformers
from peft import PeftModel

PARTS = 3


def embed(decoder, sentences):
    """The last token's state: [sentences, hidden]."""
    lengths = torch.tensor([len(ids) for ids in sentences])
    ids = torch.zeros(len(sentences), int(lengths.max()), dtype=torch.int64)
    for row, tokens in enumerate(sentences):
        ids[row, : len(tokens)] = torch.tensor(tokens)
    states = decoder(input_ids=ids, use_cache=False).last_hidden_state
    return states[torch.arange(len(sentences)), lengths - 1]


def embed_batch(decoder, sentences, layout):
    """In the order of the sentences."""
    if layout == "columns":
        parts = [list(range(part, len(sentences), PARTS)) for part in range(PARTS)]
    else:
        order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
        size = -(-len(order) // PARTS)
        parts = [order[start : start + size] for start in range(0, len(order), size)]
    states = torch.cat([embed(decoder, [sentences[index] for index in part]) for part in parts])
    places = torch.empty(len(sentences), dtype=torch.int64)
    places[torch.tensor([index for part in parts for index in part])] = torch.arange(len(sentences))
    return states[places]


def info_nce(embeddings, temperature):
    """SimCSE, arXiv 2104.08821, equation 5."""
    units = torch.nn.functional.normalize(embeddings, dim=-1)
    logits = units[0::3] @ torch.cat([units[1::3], units[2::3]]).T / temperature
    return torch.nn.functional.cross_entropy(logits, torch.arange(len(logits)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("adapter")
    parser.add_argument("batches")
    parser.add_argument("--learning-rates", type=json.loads)
    parser.add_argument("--temperature", type=float)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--layout", choices=["columns", "sorted"])
    parser.add_argument("--attention", choices=["sdpa", "eager"])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    base = transformers.AutoModelForCausalLM.from_pretrained(
        options.model, dtype=torch.float32, attn_implementation=options.attention)
    model = PeftModel.from_pretrained(base, options.adapter, is_trainable=True).train()
    # The layers without the vocabulary's output matrix, which no embedding needs.
    decoder = model.base_model.model.model
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=0.0)
    with open(options.batches) as file:
        batches = json.load(file)
    losses, seconds = [], []
    for rate, batch in zip(options.learning_rates, batches, strict=True):
        start = time.perf_counter()
        loss = info_nce(embed_batch(decoder, batch, options.layout), options.temperature)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.param_groups[0]["lr"] = rate
        optimiser.step()
        seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"losses": losses, "seconds": seconds, "peak_bytes": peak}))


if __name__ == "__main__":
    main()
