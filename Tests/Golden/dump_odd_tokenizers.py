"""What the tokenizers library makes of tokenizer.json files whose parts meet in odd ways.

    python dump_odd_tokenizers.py > odd_tokenizers.json
"""
import json

from tokenizers import Tokenizer


def file(model, normalizer=None, pre_tokenizer=None, added=()):
    tokens = [
        dict(id=number, content=content, single_word=False, lstrip="l" in flags, rstrip="r" in flags, normalized="n" in flags, special=False)
        for number, content, flags in added]
    return dict(
        version="1.0", truncation=None, padding=None, added_tokens=tokens, normalizer=normalizer, pre_tokenizer=pre_tokenizer,
        post_processor=None, decoder=None, model=model)


def merging(tokens, merges):
    return dict(type="BPE", vocab={token: number for number, token in enumerate(tokens)}, merges=merges)


def unigrams(pieces, **options):
    return dict(type="Unigram", unk_id=0, vocab=[[piece, -1.0 - number] for number, piece in enumerate(pieces)], **options)


STRIP = dict(type="Strip", strip_left=True, strip_right=True)
FIRST = dict(type="Metaspace", replacement="▁", prepend_scheme="first", split=True)
ADDED = [(4, "foo", "r"), (5, "  ", ""), (6, " bar ", "r"), (7, "baz", "l")]
SPACED = ["foo   a", "foo  a", "foo    baz", "a    baz", "a bar  bar a", "foo bar  bar", " bar  "]
CASES = {
    "a character without a token is left out, and its neighbours merge":
        (file(merging(["a", "b", "ab", "bc", "c"], [["a", "b"], ["b", "c"]])), ["ab", "axb", "xaxxbx", "axbxc", "xx", ""]),
    "bytes without a token are left out, and their neighbours merge":
        (file(
            merging(["a", "b", "ab", "Ġ"], [["a", "b"]]),
            pre_tokenizer=dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=False)), ["axb", "é", "aéb b"]),
    "bytes without a token are the unknown one where there is one":
        (file(
            merging(["a", "b", "ab", "Ġ", "<u>"], [["a", "b"]]) | dict(unk_token="<u>", fuse_unk=False),
            pre_tokenizer=dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=False)),
         ["axb", "é", "aéb b", "日本", ""]),
    "or one in a row of them":
        (file(
            merging(["a", "b", "ab", "<u>"], [["a", "b"]]) | dict(unk_token="<u>", fuse_unk=True),
            pre_tokenizer=dict(type="ByteLevel", add_prefix_space=True, trim_offsets=True, use_regex=True)),
         ["axb", "é", "aéb b", "日本ab x yz", ""]),
    "a space in front belongs to the text's own beginning":
        (file(unigrams(["<unk>", "▁", "a", "▁a", "b"]), STRIP, FIRST, [(5, "<x>", "")]), ["a", " a", "a b", " a b", "<x>a", " <x>a", "<x> a"]),
    "the unknown token's own piece joins what is unknown":
        (file(unigrams(["u", "a", "b"])), ["u", "aub", "uu", "xu", "auxb", "uxa", "xx"]),
    "unknown characters fall back to bytes where all are there":
        (file(unigrams(["u", "a", "<0x78>", "<0x79>"], byte_fallback=True)), ["x", "xy", "axya", "ux", "xz", "u"]),
    "added tokens are found before white space is taken":
        (file(merging(["a", " ", "o", "f"], []), added=ADDED), SPACED),
    "added tokens in the normalised text too":
        (file(merging(["a", " ", "o", "f"], []), dict(type="Lowercase"), added=[(n, t, f + "n") for n, t, f in ADDED]),
         SPACED + ["FOO   a", "FOO BAR  BAR"]),
}

SPACES = [(4, "[A]", "lr"), (5, "  ", "lr"), (6, "[B]", "l")]
LETTERS = ["<unk>", "▁", "a", "▁a", "b", "x", "xy", "▁x", "y"]


def replace(text, content):
    return dict(type="Replace", pattern=dict(String=text), content=content)


CASES |= {
    "white space that a token has taken is no other token's":
        (file(merging(["a", " ", "o", "f"], []), added=SPACES),
         ["a[A]  [B]a", "  [A]  [B]  ", "[A]   [A]", "[A]     [B]", "a  [B]    a", "[A]  ", "a    a", "   ", "[B]  [A]  [B] a"]),
    "what replaces a text's first character begins there, and what replaces several doesn't":
        (file(unigrams(LETTERS), dict(type="Sequence", normalizers=[replace("ab", "x"), replace("é", "b"), replace("y", "xy")]), FIRST),
         ["ab", "aab", "abab a", "é", "éa", "yab", "y", " ab", "b", "aé", "x ab"]),
    "nor what is then put in front of it":
        (file(unigrams(LETTERS), dict(type="Sequence", normalizers=[replace("ab", "x"), dict(type="Prepend", prepend="b")]), FIRST),
         ["ab", "aab", "y", "yab"]),
}

if __name__ == "__main__":
    found = []
    for name, (tokenizer, texts) in CASES.items():
        library = Tokenizer.from_str(json.dumps(tokenizer))
        found.append(dict(name=name, tokenizer=json.dumps(tokenizer, ensure_ascii=False), texts=texts, ids=[library.encode(text).ids for text in texts]))
    print(json.dumps(found, ensure_ascii=False, indent=1))
