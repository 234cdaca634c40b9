"""What each step of the tokenizers library makes of each character, in digests of blocks of characters.

    python dump_characters.py > characters.json
"""
import hashlib
import json

from tokenizers import Tokenizer, pre_tokenizers

# All but ideographs, syllables of Hangul and private use, which no step tells apart; some of the planes behind.
BLOCKS = [start for first, last in [(0, 0x3400), (0xA000, 0xAC00), (0xF800, 0x20000), (0x2B400, 0x2B800), (0x31000, 0x31400), (0xE0000, 0xE0400)]
          for start in range(first, last, 0x400)]
# Shows where a text is cut: each piece gets a space in front.
BYTES = dict(type="ByteLevel", add_prefix_space=True, trim_offsets=True, use_regex=False)


def bert(**options):
    return dict(type="BertNormalizer", clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False) | options


def split(pattern):
    return dict(type="Split", pattern=dict(Regex=pattern), behavior="Isolated", invert=False)


NORMALIZERS = {
    "BERT's cleaning": bert(clean_text=True), "BERT's accents": bert(strip_accents=True), "BERT's case": bert(lowercase=True),
    "BERT's ideographs": bert(handle_chinese_chars=True), "accents": dict(type="StripAccents"), "lower case": dict(type="Lowercase"),
    "NFC": dict(type="NFC"), "NFD": dict(type="NFD"), "NFKC": dict(type="NFKC"), "NFKD": dict(type="NFKD"),
}
PRE_TOKENIZERS = {
    "BERT's words": dict(type="BertPreTokenizer"), "punctuation": dict(type="Punctuation", behavior="Isolated"),
    "digits": dict(type="Digits", individual_digits=True), "words": dict(type="Whitespace"), "white space": dict(type="WhitespaceSplit"),
    "a pattern's letters": split(r"\p{L}+"), "a pattern's numbers": split(r"\p{N}"), "a pattern's marks": split(r"\p{M}"),
    "a pattern's words": split(r"\w+"), "a pattern's punctuation": split(r"\p{P}+"), "a pattern's symbols": split(r"\p{S}"),
    "a pattern's cases": split(r"\p{Lu}|\p{Ll}{2}"),
}


def file(normalizer, pre_tokenizer):
    steps = BYTES if pre_tokenizer is None else dict(type="Sequence", pretokenizers=[pre_tokenizer, BYTES])
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    return dict(
        version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=normalizer, pre_tokenizer=steps, post_processor=None,
        decoder=None, model=dict(type="BPE", vocab={token: number for number, token in enumerate(alphabet)}, merges=[]))


def text(start):
    return "".join(f"a{one}b x\u0328{one}\u0323-{one}-" for one in map(chr, range(start, start + 0x400)))


if __name__ == "__main__":
    cases = []
    for name, step in (NORMALIZERS | PRE_TOKENIZERS).items():
        tokenizer = file(step if name in NORMALIZERS else None, step if name in PRE_TOKENIZERS else None)
        library = Tokenizer.from_str(json.dumps(tokenizer))
        found = [bytes(library.encode(text(start)).ids) for start in BLOCKS]
        cases.append(dict(
            name=name, normalizer=json.dumps(tokenizer["normalizer"]), preTokenizer=json.dumps(tokenizer["pre_tokenizer"]),
            digests=[hashlib.sha256(ids).hexdigest()[:8] for ids in found]))
    print(json.dumps(dict(blocks=BLOCKS, alphabet="".join(sorted(pre_tokenizers.ByteLevel.alphabet())), cases=cases), ensure_ascii=False, indent=1))
