"""Writes Sources/Tokenizers/Steps/LibraryTables.swift: which characters are marks, punctuation and control characters to the
tokenizers library, asked character by character. Its tables are of several versions of Unicode, all of them old.

    make_character_tables.py ROOT

In the environment of `make check-tokenizers`.
"""
import sys
from pathlib import Path

import tokenizers
from tokenizers import normalizers, pre_tokenizers

CHARACTERS = [chr(code) for code in range(0x80, 0x110000) if not 0xD800 <= code < 0xE000]


def bert(**options):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**(off | options))


def dropped(normalizer):
    return [character for character in CHARACTERS if normalizer.normalize_str("a" + character) == "a"]


def cut():
    step = pre_tokenizers.Punctuation("isolated")
    return [character for character in CHARACTERS if len(step.pre_tokenize_str(f"a{character}a")) == 3]


def ranges(characters):
    found = []
    for code in map(ord, characters):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return [f"{first:X}" if first == last else f"{first:X}-{last:X}" for first, last in found]


def table(name, comment, characters):
    lines, line = [], ""
    for text in ranges(characters):
        if len(line) + 1 + len(text) > 108:
            lines.append(line)
            line = ""
        line += (" " if line or lines else "") + text
    lines.append(line)
    body = " \\\n".join(f"        {line.strip()}" for line in lines)
    return f'    /// {comment}\n    static let {name} = ScalarRanges(\n        """\n{body}\n        """)\n'


def main():
    root = Path(sys.argv[1])
    tables = [
        table("nonspacingMarks", "What `BertNormalizer` drops as an accent.", dropped(bert(strip_accents=True))),
        table("marks", "What `StripAccents` drops.", dropped(normalizers.StripAccents())),
        # U+FFFD is dropped for itself.
        table("others", "What `BertNormalizer` drops as a control character.",
              [character for character in dropped(bert(clean_text=True)) if character != "\ufffd"]),
        table("punctuation", "What `BertPreTokenizer` and `Punctuation` cut at.", cut()),
    ]
    path = root / "Sources/Tokenizers/Steps/LibraryTables.swift"
    path.write_text(
        f"// Written by scripts/make_character_tables.py, from tokenizers {tokenizers.__version__}.\n\n"
        "/// Characters from U+0080 on by what the tokenizers library takes them for.\nenum LibraryTables {\n"
        + "\n".join(tables) + "}\n")


main()
