"""What sentencepiece makes of tokenizer.model files whose pieces are odd: user-defined pieces with spaces.

    python dump_odd_pieces.py > odd_pieces.json
"""
import base64
import json
import random
import struct

import sentencepiece

NORMAL, UNKNOWN, CONTROL, USER, BYTE = 1, 2, 3, 4, 6


def field(number, kind, payload):
    def varint(value):
        out = b""
        while value > 0x7F:
            out += bytes([value & 0x7F | 0x80])
            value >>= 7
        return out + bytes([value])

    key = varint(number << 3 | kind)
    if kind == 0:
        return key + varint(payload)
    return key + (payload if kind == 5 else varint(len(payload)) + payload)


def model(pieces, is_merging, **normaliser):
    def piece(text, score, kind):
        return field(1, 2, field(1, 2, text.encode()) + field(2, 5, struct.pack("<f", score)) + field(3, 0, kind))

    numbers = dict(adds=3, squeezes=4, escapes=5)
    settings = b"".join(field(numbers[name], 0, int(value)) for name, value in normaliser.items())
    return b"".join(piece(*one) for one in pieces) + field(2, 2, field(3, 0, 2 if is_merging else 1)) + field(3, 2, settings)


def pieces(user):
    plain = ["▁", "a", "b", "x", "▁a", "▁▁", "ab", "▁b"]
    return ([("<unk>", 0, UNKNOWN), ("<s>", 0, CONTROL), ("</s>", 0, CONTROL)] + [(text, 0, USER) for text in user]
            + [(text, -1.0 - number, NORMAL) for number, text in enumerate(plain) if text not in user])


USERS = [["  "], ["▁▁"], [" "], [" a"], ["a "], ["  ", "   "], ["▁▁▁", "▁▁"], ["b  "]]
SETTINGS = [dict(adds=True, squeezes=True, escapes=True), dict(adds=True, squeezes=False, escapes=True),
            dict(adds=False, squeezes=True, escapes=True), dict(adds=False, squeezes=False, escapes=True)]

if __name__ == "__main__":
    source = random.Random(5)
    texts = ["", " ", "  ", "   ", "a  b", "  a", "a   b", "a    ", " a a", "b  a  "]
    texts += ["".join(source.choice(["a", "b", "x", " ", "  ", "ab"]) for _ in range(source.randrange(1, 9))) for _ in range(30)]
    found = []
    for user in USERS:
        for is_merging in [True, False]:
            for settings in SETTINGS:
                # Versions 0.2.1 and 0.2.3 give a user's piece among unigrams other scores.
                if not is_merging and not settings["squeezes"] and "▁▁" in user:
                    continue
                content = model(pieces(user), is_merging, **settings)
                library = sentencepiece.SentencePieceProcessor(model_proto=content)
                found.append(dict(
                    name=f"{user} {'merges' if is_merging else 'unigrams'} {settings}", model=base64.b64encode(content).decode(),
                    ids=[library.encode(text) for text in texts]))
    print(json.dumps(dict(texts=texts, cases=found), ensure_ascii=False))
