"""Compares ids with the reference libraries, for every tokenizer in Tests/Golden/tokenizers, on generated lines.

    check_tokenizers.py ROOT [--lines N] [--seed S] [--scalars] [NAME ...]

A line is made of pieces of the golden sentences, of words with marks, digits, spaces and line ends of many kinds, and of
single characters from all over Unicode. The libraries' tables are of several versions of Unicode, some older than ours: the
characters that are new since then are found one by one, between letters, alone and between marks, and lines that have one are left out, and
counted. With --scalars all characters are tried. `bellm tokenize` opens a model, so each tokenizer gets one of zeros.
"""

import argparse
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import sentencepiece
import tokenizers


def lines(root, count, seed):
    source = random.Random(seed)
    sentences = [line for line in (root / "Tests/Golden/tokenizers/sentences.txt").read_text().split("\n") if line]
    ugly = json.loads((root / "Tests/Golden/tokenizers/texts.json").read_text())
    spaces = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u200b", "\u0085", ""]
    ranges = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x600), (0x900, 0xE80), (0x1100, 0x1200), (0x2000, 0x2C00),
              (0x3040, 0x3100), (0x4E00, 0x9FFF), (0xAC00, 0xD7A4), (0xFB00, 0xFE00), (0xFF00, 0xFFF0), (0x1F300, 0x1FA00), (0x20, 0xD800)]

    def piece():
        kind = source.randrange(6)
        if kind < 2:
            words = source.choice(sentences).split(" ")
            start = source.randrange(len(words))
            return " ".join(words[start : start + 4])
        if kind == 2:
            text = source.choice(ugly)
            start = source.randrange(len(text) + 1)
            return text[start : start + 20]
        if kind == 3:
            return source.choice(spaces) * source.randrange(1, 4)
        if kind == 4:
            return str(source.randrange(10 ** source.randrange(1, 9)))
        return "".join(chr(source.randrange(*source.choice(ranges))) for _ in range(source.randrange(1, 5)))

    return ["".join(piece() + source.choice(spaces) for _ in range(source.randrange(1, 8))) for _ in range(count)]


def model(folder, vocabulary):
    """A LLaMA of zeros."""
    config = dict(model_type="llama", vocab_size=vocabulary, hidden_size=2, intermediate_size=2, num_hidden_layers=1,
                  num_attention_heads=1, num_key_value_heads=1, head_dim=2, rms_norm_eps=1e-6, hidden_act="silu",
                  rope_theta=10000.0, max_position_embeddings=64, torch_dtype="float32", tokenizer_class="PreTrainedTokenizerFast")
    (folder / "config.json").write_text(json.dumps(config))
    shapes = {"model.embed_tokens.weight": [vocabulary, 2], "model.norm.weight": [2]}
    for name in ["input_layernorm", "post_attention_layernorm"]:
        shapes[f"model.layers.0.{name}.weight"] = [2]
    for name in ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]:
        shapes[f"model.layers.0.{name}.weight"] = [2, 2]
    header, end = {}, 0
    for name, shape in shapes.items():
        size = 4 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = dict(dtype="F32", shape=shape, data_offsets=[end, end + size])
        end += size
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))


def reference(folder):
    path = folder / "tokenizer.json"
    if path.exists():
        tokenizer = tokenizers.Tokenizer.from_file(str(path))
        return path, tokenizer.get_vocab_size(), lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    path = folder / "tokenizer.model"
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return path, processor.vocab_size(), processor.encode


def different(root, folder, texts, encode):
    """The texts whose ids differ."""
    path = folder / "lines.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    command = [root / ".build/release/bellm", "tokenize", "--model", str(folder), "--input", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        sys.exit(f"{folder}: {answer.stderr}")
    found = [json.loads(line)["ids"] for line in answer.stdout.splitlines()]
    return [text for text, ids in zip(texts, found, strict=True) if ids != encode(text)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--lines", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--scalars", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    root, texts = arguments.root, lines(arguments.root, arguments.lines, arguments.seed)
    print(f"seed {arguments.seed}, {len(texts)} lines")
    characters = sorted(set("".join(texts)))
    if arguments.scalars:
        characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    failed = 0
    for golden in sorted(path for path in (root / "Tests/Golden/tokenizers").iterdir() if path.is_dir()):
        if arguments.names and golden.name not in arguments.names:
            continue
        path, size, encode = reference(golden)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / path.name).write_bytes(path.read_bytes())
            model(folder, size + 256)
            alone = {text[1] for text in different(root, folder, [f"a{one}b {one} x\u0328{one}\u0323" for one in characters], encode)}
            tried = [text for text in texts if alone.isdisjoint(text)]
            wrong = different(root, folder, tried, encode)
        print(f"{golden.name:20} {len(wrong)} of {len(tried)} lines differ; {len(alone)} of {len(characters)} characters do, "
              f"in {len(texts) - len(tried)} lines left out", flush=True)
        for text in wrong[:3]:
            print("   ", ascii(text))
        failed += len(wrong)
    sys.exit(failed > 0)


main()
