"""What a campaign works on: a random model of two layers, sentences, experiments, and damage to all of them."""

import json
import os
import random
import shutil
import struct

HIDDEN, LAYERS, INNER, HEADS = 32, 2, 64, 4


def byte_alphabet():
    """GPT-2's printable character of each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {**{byte: chr(byte) for byte in plain}, **{byte: chr(256 + place) for place, byte in enumerate(others)}}


def write_model(folder):
    """A LLaMA folder as Hugging Face has them, with a token a byte."""
    os.makedirs(folder)
    draw = random.Random(1)
    shapes = {"model.embed_tokens.weight": [256, HIDDEN], "model.norm.weight": [HIDDEN]}
    for layer in range(LAYERS):
        start = f"model.layers.{layer}."
        for name in ("q", "k", "v", "o"):
            shapes[f"{start}self_attn.{name}_proj.weight"] = [HIDDEN, HIDDEN]
        for name, shape in (("gate", [INNER, HIDDEN]), ("up", [INNER, HIDDEN]), ("down", [HIDDEN, INNER])):
            shapes[f"{start}mlp.{name}_proj.weight"] = shape
        for name in ("input_layernorm", "post_attention_layernorm"):
            shapes[f"{start}{name}.weight"] = [HIDDEN]
    header, data = {}, b""
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        values = struct.pack(f"<{count}f", *[draw.uniform(-0.5, 0.5) for _ in range(count)])
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    with open(folder + "/model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN, "intermediate_size": INNER,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": HEADS, "rms_norm_eps": 1e-5,
        "max_position_embeddings": 256, "vocab_size": 256, "hidden_act": "silu", "tie_word_embeddings": True,
    }
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {letter: byte for byte, letter in byte_alphabet().items()}, "merges": [],
        },
    }
    for name, value in (("config.json", config), ("tokenizer.json", tokenizer)):
        with open(f"{folder}/{name}", "w") as file:
            json.dump(value, file)


def sentences(count, seed):
    draw = random.Random(seed)
    words = "a girl sings the dog runs home under red rain while nobody looks at blue rivers and old trees".split()
    return [f"{number} " + " ".join(draw.choices(words, k=draw.randrange(4, 20))) for number in range(count)]


def write(folder, configs):
    os.symlink(configs, folder + "/configs")
    os.makedirs(folder + "/data/downstream")
    write_model(folder + "/model")
    shutil.copytree(folder + "/model", folder + "/m")

    def put(name, text):
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)

    all_sentences = sentences(600, 2)
    pairs = zip(all_sentences[:300], all_sentences[300:])
    put("pairs.csv", "s,a,b\n" + "".join(f"{number % 6},{a},{b}\n" for number, (a, b) in enumerate(pairs)))
    put("triplets.csv", "sent0,sent1,hard_neg\n" + "".join(
        ",".join(all_sentences[number:number + 3]) + "\n" for number in range(0, 300, 3)))
    put("long.txt", "\n".join(sentences(1500, 3)) + "\n")
    put("short.txt", "\n".join(sentences(4, 4)) + "\n")
    put("short.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in sentences(4, 4)))
    put("short.csv", "sentence\n" + "\n".join(sentences(4, 4)) + "\n")
    task = "tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]\n"
    start = "model: ./model\npooling: mean\n" + task
    put("x.yaml", start + "matrix: {bidirectional: [none, all, 'last 1'], layer: [1, 2]}\n")
    put("mx.yaml", start.replace("pairs.csv", "m.csv"))
    put("t.yaml", start + "train: {data: ./triplets.csv, steps: 12, batch_size: 8, rank: 2, checkpoint_every: 2, "
        "decontaminate: false}\n")


#: A result that nothing else writes. Damaged, it is refused or prints what it printed: it has checksums.
RESULT = "whole.h5"
EMBED = ["embed", "--pooling", "mean", "--threads", "1", "--output", "m.npy"]
#: What is damaged, under which name, and the commands that read it.
READERS = [
    *[(f"model/{name}", f"m/{name}", [
        [*EMBED, "--model", "./m", "--input", "short.txt"], ["inspect", "model", "./m"],
        ["tokenize", "--model", "./m", "--input", "short.txt"],
    ]) for name in ("config.json", "tokenizer.json", "model.safetensors")],
    ("pairs.csv", "m.csv", [["run", "mx.yaml", "--data", "data", "--limit", "5", "--threads", "1", "--output", "m.h5"]]),
    ("short.jsonl", "s.jsonl", [[*EMBED, "--model", "./model", "--input", "s.jsonl"]]),
    ("short.csv", "s.csv", [[*EMBED, "--model", "./model", "--input", "s.csv"]]),
    ("x.yaml", "m.yaml", [["validate", "m.yaml"]]),
    ("t.yaml", "m.yaml", [["validate", "m.yaml"]]),
    (RESULT, "d.h5", [
        ["show", "d.h5"], ["report", "d.h5", "--output", "d.html"],
        ["compare", "d.h5:bidirectional=none layer=1", "d.h5:bidirectional=all layer=2", "--resamples", "100"],
    ]),
]


def damage(source, target, draw):
    """One to three faults: bytes changed, numbers at their extremes, parts gone, doubled or elsewhere, the end cut off."""
    with open(source, "rb") as file:
        data = bytearray(file.read())
    for _ in range(draw.randrange(1, 4)):
        if not data:
            break
        place = draw.randrange(len(data))
        end = min(place + draw.randrange(1, 10), len(data))
        kind = draw.randrange(8)
        if kind == 0:
            data[place] = draw.randrange(256)
        elif kind == 1:
            data[place] ^= 1 << draw.randrange(8)
        elif kind == 2:
            extreme = struct.pack("<Q", draw.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 62, (1 << 63) - 1, (1 << 64) - 1]))
            data[place:place + 8] = extreme[:min(8, len(data) - place)]
        elif kind == 3:
            del data[place:end]
        elif kind == 4:
            data[place:place] = data[place:end]
        elif kind == 5:
            del data[place:]
        elif kind == 6:
            other, length = draw.randrange(len(data)), draw.choice([4, 64, 512, 4096])
            data[place:place + length] = data[other:other + length]
        else:
            data[place:end] = draw.choice([b"null", b"-1", b"1e308", b"9223372036854775807", b"nan", b"\"", b"\x00", b"[", b"{"])
    # In place: whoever has the file open sees the damage, as it would on a disk.
    with open(target, "wb") as file:
        file.write(data)
