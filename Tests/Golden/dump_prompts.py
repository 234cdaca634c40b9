#!/usr/bin/env python3
"""What other programs' prompts are in token ids: Tests/Golden/prompts.json.

- pieces: each piece of a template tokenised apart and put end to end, with a mask of what is pooled, as Echo's parser has it
  (github.com/jakespringer/echo-embeddings, echo_embeddings.py: `_parse_template`, `_tokenize_piece`);
- counted: the whole prompt tokenised at once, where the pooled tokens are as many of its last ones as the sentence has
  alone, as llm2vec has it (github.com/McGill-NLP/llm2vec, llm2vec.py: `tokenize`);
- prepended: a prompt with a token that is added to the tokenizer, as Token Prepending has it
  (github.com/fuyuchenIfyw/token_prepending, evaluate.py), with -1 for it.

Run with transformers 4 or 5 and the tokenizers beside this script: python dump_prompts.py
"""

import json
import os

from transformers import PreTrainedTokenizerFast

here = os.path.dirname(os.path.abspath(__file__))
sentences = ["A dog runs.", "Ça va ?", "日本語", "", "two spaces", "…well", "é"]
pieces = [("Rewrite: ", False), (None, False), (". Again: ", False), (None, True), ("</s>", True)]


def tokenizer(name):
    return PreTrainedTokenizerFast(tokenizer_file=f"{here}/tokenizers/{name}/tokenizer.json")


def ids(tokens, text):
    return tokens(text, add_special_tokens=False)["input_ids"] if text else []


def apart(tokens, sentence):
    parts = [(ids(tokens, sentence if text is None else text), pooled) for text, pooled in pieces]
    return {
        "ids": [i for part, _ in parts for i in part],
        "pooled": [p for part, pooled in parts for p in [pooled] * len(part)],
    }


def counted(tokens, sentence):
    whole = ids(tokens, "Instruct: again: " + sentence)
    alone = len(ids(tokens, sentence))
    return {"ids": whole, "pooled": [i >= len(whole) - alone for i in range(len(whole))]}


def prepended(name):
    tokens = tokenizer(name)
    tokens.add_tokens(["<PST>"])
    place = tokens.convert_tokens_to_ids("<PST>")
    return [
        [-1 if i == place else i for i in ids(tokens, f'This sentence : <PST> "{s}" means in one word:"')]
        for s in sentences
    ]


golden = {"sentences": sentences, "tokenizers": []}
for name in ["llama2", "smollm"]:
    tokens = tokenizer(name)
    golden["tokenizers"].append(
        {
            "name": name,
            "pieces": [apart(tokens, s) for s in sentences],
            "counted": [counted(tokens, s) for s in sentences],
            "prepended": prepended(name),
        }
    )
with open(f"{here}/prompts.json", "w") as file:
    json.dump(golden, file, ensure_ascii=False, separators=(",", ":"))
