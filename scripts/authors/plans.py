"""Rows of embeddings: attention plans, padding and pooling, here and in the authors' packages."""

import json
from dataclasses import dataclass
from typing import Callable

import numpy as np
from tokenizers import Tokenizer

from program import HERE

FAMILIES = {"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM"}
LAYERS = 4
ATTENTION = ["eager", "sdpa"]
PADDINGS = {"none": "one by one", "visible": "batches of 16, padding in sight"}
# More than a batch of 16, of unlike lengths, one of them twice.
SENTENCES = [
    "A dog walks on the beach.", "Zwei Männer spielen Schach", "It rains", "x",
    "The quick brown fox jumps over the lazy dog, again and again.", "A woman is slicing an onion.", "It rains", "Who is there?",
    "雨が降っている。", "Prices rose by 3.5 % in May!", "no full stop", "A \"quoted\" word", "Ça va?", "one two three four five six seven",
    "The man isn't playing the guitar.", "a", "Two dogs run through deep snow.", "An old clock", "He said: no.", "½ of it",
]  # fmt: skip
BOUND = 1e-5
# Of thirty layers in both directions: in single precision both sides are 1e-5 from what double precision gives.
BACKBONE_BOUND = 1e-4
RELEASED = 'The representative word for sentence {text} is:"'
INSTRUCTION = "Retrieve semantically similar text:"


@dataclass
class Backbones:
    """What BiLLM is run on: `families` by their classes there, `name`, `folder` (there) and `options` (here) of each."""

    families: dict
    name: Callable
    folder: Callable
    options: Callable
    layer_count: int
    starts: list
    readouts: list

    def shows_plan(self, start, pooling, layer, padding):
        """Whether the plan changes what is read: a layer that is read through is bidirectional, and not only for a last token,
        which sees every token in a causal layer too, unless there is padding behind it."""
        last = self.layer_count + layer
        return 0 <= start < last or (start == last and (padding == "visible" or pooling != "last"))


def billm_answers(bench, backbones, groups):
    """The package reads where its bidirectional layers begin when it is imported: a process for each."""
    jobs = [
        {"name": f"{family} {attention}", "model": backbones.folder(family), "class": name, "attention": attention,
         "batches": groups, "readouts": backbones.readouts}
        for family, name in backbones.families.items() for attention in ATTENTION
    ]  # fmt: skip
    return {start: bench.peer("decoders", "peer_billm.py", jobs, BiLLM_START_INDEX=str(start)) for start in backbones.starts}


def add_billm_rows(bench, table, backbones, family, padding, answers):
    cases, causal_cases = [], []
    for pooling, layer in backbones.readouts:
        method = [*backbones.options(family), "--pooling", pooling, "--layer", layer]
        causal = bench.embed(SENTENCES, *method, "--bidirectional", "none")
        for start in backbones.starts:
            plan = "none" if start < 0 else f"from {start}"
            here = bench.embed(SENTENCES, *method, "--bidirectional", plan, "--padding", padding)
            shows = backbones.shows_plan(start, pooling, layer, padding)
            for attention in ATTENTION:
                case = (here, answers[start][f"{family} {attention} | {pooling} {layer}"], causal if shows else None)
                # Without padding, billm's Mistral and Qwen2 hand sdpa no mask, which it takes for a causal one.
                is_causal = family != "llama" and padding == "none" and attention == "sdpa" and shows
                (causal_cases if is_causal else cases).append(case)
    plans = ", ".join(str(start) for start in backbones.starts if start >= 0)
    read = ", ".join(f"{pooling} {layer}" for pooling, layer in backbones.readouts)
    what = f"{backbones.name(family)}, bidirectional from layer {plans} or none; {PADDINGS[padding]}; {read}"
    package = bench.package("decoders", "billm")
    table.compare(what, package, *zip(*cases), BOUND)
    if causal_cases:
        here, theirs, causal = zip(*causal_cases)
        table.compare(f"{what}; with sdpa", package, here, theirs, None, BOUND, differs=True)
        table.compare(f"{what}; with sdpa, against causal here", package, causal, theirs, here, BOUND)


def add_billm(bench, table, backbones, ids):
    for padding, groups in {"none": [[row] for row in ids], "visible": [ids[:16], ids[16:]]}.items():
        answers = billm_answers(bench, backbones, groups)
        for family in backbones.families:
            add_billm_rows(bench, table, backbones, family, padding, answers)


def add_tiny_billm(bench, table):
    tokenizer = Tokenizer.from_file(str(bench.work / "llama" / "tokenizer.json"))
    backbones = Backbones(
        FAMILIES, "tiny {}".format, lambda family: str(bench.work / family), lambda family: ["--model", f"./{family}"], LAYERS,
        [-1, 0, 2, LAYERS - 1], [("last", -1), ("mean", -1), ("last", -2), ("mean", -2)])  # fmt: skip
    add_billm(bench, table, backbones, [tokenizer.encode(sentence).ids for sentence in SENTENCES])


def token_ids(bench, texts):
    path = bench.work / "texts.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    answer = bench.bellm("tokenize", "--model", "smollm2-135m", "--input", path)
    rows = [json.loads(line)["ids"] for line in answer.splitlines()]
    assert len(rows) == len(texts), "a line of ids for each text"
    return rows


def add_smollm2(bench, table):
    """Real weights, with the prompt of BeLLM's release; ids are bellm's own, which its tests hold to other libraries."""
    (gguf,) = (bench.cache / "models" / "smollm2-135m").glob("*.gguf")
    bench.run([bench.python("bench-python"), HERE / "write_smollm2.py", gguf, bench.work / "smollm2"])

    backbones = Backbones(
        {"llama": FAMILIES["llama"]}, lambda _: "SmolLM2-135M", lambda _: str(bench.work / "smollm2"),
        lambda _: ["--model", "smollm2-135m", "--template", RELEASED], 30, [-1, 20, 29], [("last", -1), ("mean", -1)])  # fmt: skip
    add_billm(bench, table, backbones, token_ids(bench, [RELEASED.replace("{text}", sentence) for sentence in SENTENCES]))
    add_smollm2_llm2vec(bench, table)


def add_smollm2_llm2vec(bench, table):
    """The package pools as many tokens at a text's end as the sentence has alone; here it is those that meet the sentence. Behind
    the instruction's space some sentences have one more, or one less."""
    alone = token_ids(bench, SENTENCES)
    pooled = [len(row) for row in alone]
    behind = token_ids(bench, [f"{INSTRUCTION} {sentence}" for sentence in SENTENCES])
    (instruction,) = token_ids(bench, [INSTRUCTION])
    is_alike = np.array([len(row) - len(instruction) == count for row, count in zip(behind, pooled)])
    job = {"model": str(bench.work / "smollm2"), "attention": "sdpa", "options": {"pooling_mode": "mean"}, "pooled": pooled}
    theirs = bench.peer(
        "decoders", "peer_llm2vec.py", [{**job, "name": "alone", "ids": alone}, {**job, "name": "behind", "ids": behind}])
    method = ["--model", "smollm2-135m", "--pooling", "mean", "--normaliser", "verbatim"]
    here, causal = (
        {
            name: bench.embed(SENTENCES, *method, "--template", template, "--bidirectional", plan)
            for name, template in [("alone", "{text}"), ("behind", INSTRUCTION + " {text:pool}")]
        }
        for plan in ["all", "none"]
    )
    package, what = bench.package("decoders", "llm2vec"), "SmolLM2-135M, all layers bidirectional; padded on the left; mean"
    table.compare(f"{what} of no instruction", package, [here["alone"]], [theirs["alone"]], [causal["alone"]], BACKBONE_BOUND)
    for rows, differs, words in [(is_alike, False, "as many tokens alone"), (~is_alike, True, "other tokens alone")]:
        table.compare(
            f"{what} without the instruction, {rows.sum()} sentences with {words}", package, [here["behind"][rows]],
            [theirs["behind"][rows]], None if differs else [causal["behind"][rows]], BACKBONE_BOUND, differs=differs)  # fmt: skip


# Name, options of LLM2Vec, its instruction, and the template and pooling that say the same here.
LLM2VEC = [
    ("mean without the instruction", {"pooling_mode": "mean"}, INSTRUCTION, INSTRUCTION + " {text:pool}", "mean"),
    ("mean of no instruction", {"pooling_mode": "mean"}, "", "{text:pool}", "mean"),
    ("mean with the instruction", {"pooling_mode": "mean", "skip_instruction": False}, INSTRUCTION, INSTRUCTION + " {text}", "mean"),
    ("weighted mean without it", {"pooling_mode": "weighted_mean"}, INSTRUCTION, INSTRUCTION + " {text:pool}", "weighted_mean"),
    ("last", {"pooling_mode": "last_token"}, INSTRUCTION, INSTRUCTION + " {text}", "last"),
    ("first", {"pooling_mode": "bos_token"}, INSTRUCTION, INSTRUCTION + " {text}", "first"),
]


def add_llm2vec(bench, table):
    jobs = [
        {"name": f"{family} {plan} {attention} {name}", "model": str(bench.work / family), "bidirectional": plan == "all",
         "attention": attention, "options": options, "instruction": instruction, "sentences": SENTENCES}
        for family in FAMILIES for plan in ["all", "none"] for attention in ATTENTION
        for name, options, instruction, _, _ in LLM2VEC
    ]  # fmt: skip
    theirs = bench.peer("decoders", "peer_llm2vec.py", jobs)
    package = bench.package("decoders", "llm2vec")
    names = ", ".join(name for name, *_ in LLM2VEC)
    for family in FAMILIES:
        here = {
            (name, plan): bench.embed(
                SENTENCES, "--model", f"./{family}", "--pooling", pooling, "--template", template, "--normaliser", "verbatim",
                "--bidirectional", plan)
            for name, _, _, template, pooling in LLM2VEC for plan in ["all", "none"]
        }  # fmt: skip
        for plan, other in [("all", "none"), ("none", "all")]:
            keys = [(name, attention) for name, *_ in LLM2VEC for attention in ATTENTION]
            answers = [theirs[f"{family} {plan} {attention} {name}"] for name, attention in keys]
            rows, others = ([here[name, which] for name, _ in keys] for which in [plan, other])
            what = f"tiny {family}, {'all layers bidirectional' if plan == 'all' else 'causal'}; padded on the left; {names}"
            if family == "qwen2" and plan == "all":  # its Qwen2BiModel replaces no mask, and stays causal
                table.compare(what, package, rows, answers, None, BOUND, differs=True)
                table.compare(f"{what}; against causal here", package, others, answers, rows, BOUND)
            else:
                table.compare(what, package, rows, answers, others, BOUND)


POOLINGS = {
    "sentence-transformers": (
        "bench-python", "peer_sentence_transformers.py",
        {"cls": "first", "mean": "mean", "lasttoken": "last", "max": "max", "weightedmean": "weighted_mean",
         "mean_sqrt_len_tokens": "mean_sqrt_len"}),
    # Its maximum of a padded batch has the padding's zeros in it, so that it isn't compared here.
    "angle-emb": ("angle", "peer_angle.py", {"cls": "first", "avg": "mean", "last": "last"}),
}  # fmt: skip


def add_poolings(bench, table):
    for name, (environment, script, poolings) in POOLINGS.items():
        jobs = [
            {"name": f"{family} {theirs}", "model": str(bench.work / family), "pooling": theirs, "sentences": SENTENCES, "prompt": None}
            for family in FAMILIES for theirs in poolings
        ]  # fmt: skip
        answers = bench.peer(environment, script, jobs)
        for family in FAMILIES:
            method = ["--model", f"./{family}", "--normaliser", "verbatim", "--pooling"]
            table.compare(
                f"tiny {family}, causal; padded; " + ", ".join(poolings.values()), bench.package(environment, name),
                [bench.embed(SENTENCES, *method, ours) for ours in poolings.values()],
                [answers[f"{family} {theirs}"] for theirs in poolings], None, BOUND)  # fmt: skip
