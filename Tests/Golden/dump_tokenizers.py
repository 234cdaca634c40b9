"""Token ids of the reference libraries, for tokenizers of each kind.

    python Tests/Golden/dump_tokenizers.py TEXTS OUT [--lines N] [--small]

TEXTS is a file with a text a line, in many languages. Trains a small tokenizer of each kind on it with `tokenizers`
and `sentencepiece`, and writes to OUT/NAME/ the tokenizer.json or tokenizer.model, and ids.json: the ids of each text
of OUT/texts.json, which are the ugly texts below and N lines of TEXTS. `--small` leaves out the kinds whose files are
large. The committed ones: `dump_tokenizers.py tokenizers/sentences.txt tokenizers --small`. Needs tokenizers and
sentencepiece.
"""

import argparse
import io
import json
import random
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

UGLY = [
    "", " ", "  ", "\t", "\n", "\r\n", "a", " a", "a ", "  a  b  ", "\u00a0a\u00a0", "a\u2003b\u3000c", "\u200b", "\ufeffa",
    "Hello, world!", "I'll we've DON'T it's 'S 'LL", "don’t", "¡Hola! ¿Qué tal?", "1234567 3.14 1,000 ½ ² Ⅷ ٣٤٥ १२३",
    "naïve café Ångström", "nai\u0308ve cafe\u0301 A\u030angstro\u0308m", "e\u0301\u0323 e\u0323\u0301 \u1e69 s\u0323\u0307 s\u0307\u0323",
    "\u0301leading mark", "한국어 텍스트입니다", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "日本語のテキスト。中文文本,混合text", "ｆｕｌｌｗｉｄｔｈ ＡＢＣ １２３", "ﬁﬂﬀ ™ ℃ ㎏ ㌔ ①②③ …",
    "ªº¹²³ µ Ω Å K", "İstanbul ISPARTA ıI ŞŞ ğ ß ẞ ΑΣ ΣΑΣ ǅ", "Привет, мир! Ёлка ёлка", "שָׁלוֹם עולם", "مرحبا بالعالم ﷺ لَا", "नमस्ते दुनिया क्षत्रिय", "สวัสดีชาวโลก",
    "👍🏽", "👨‍👩‍👧‍👦 family", "🏳️‍🌈🇫🇷🇩🇪", "❤️ ☺︎ ✔", "a\u200db\u200cc", "🙂🙃x🙂", "\U0001F9D1\u200d\U0001F4BB", "𝕳𝖊𝖑𝖑𝖔 𝟙𝟚", "𠮷野家 𪚥", "\U0001FAE8 \U0001FADC",
    "\u0000", "a\u0000b", "\u0001\u0002\u001f", "a\u007fb\u0085c\u009f", "\ufffd", "\ue000 \uf8ff", "\u2028line\u2029paragraph", "a\u000bb\u000cc", "\u00ad soft\u00adhyphen",
    "x" * 300, "ab" * 200, " " * 100, "a" + " " * 50 + "b", "\n\n\n\n a\n \n b", "\t\t\tindented", "é" * 120, "中" * 150, "…" * 40, "!" * 64, "-" * 33 + "=" * 33,
    "http://www.example.com/a?b=c&d=%20e#f", "foo_bar__baz fooBar FOO-bar", "def f(x):\n    return x ** 2  # ok", "<b>bold</b> &amp; \"quoted\" ‘single’ «guillemets»",
    "▁already▁there ▁ ▁▁", "Ġspelled Ċ ĉ", "## ##ing #hash", "<0x41> <0x0A>", "[UNKNOWN] [MAS K] <s <pad", "price: $5.00 €3,50 ¥100 £7 ₿1",
    "word.Word,word;word:word", "...!!!???", "(a)[b]{c}<d>", "a·b•c‣d", "x²+y²=z²", "∑∫√∞≠≤", "Zürich–Genève—“Lugano”", "o̲v̲e̲r̲l̲i̲n̲e̲", "Z̷̡͔a̸͖͑l̴̛̝g̶̣͝o̷͕͊",
]
ADDED = ["a <user> b", "walking  talking ™", "<special> in a text", "a<special>b", "  <special>  ", "x<strip>  y", "x  <strip> y", "one <word> two<word>three <word>", "Éa <Norm> b <norm>", "<special><special>"]

LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def trained(tokenizer, trainer, texts):
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken("<special>"), AddedToken("<strip>", lstrip=True, rstrip=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("<word>", single_word=True), AddedToken("<Norm>", normalized=True)])
    return tokenizer


def bpe(texts, pre, normalizer=None, **options):
    size = SIZE
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre
    if normalizer:
        tokenizer.normalizer = normalizer
    alphabet = pre_tokenizers.ByteLevel.alphabet() if "byte_fallback" not in options and "unk_token" not in options else []
    special = [options["unk_token"]] if "unk_token" in options else []
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False, special_tokens=special, limit_alphabet=400)
    return trained(tokenizer, trainer, texts)


def tokenizer_kinds(texts, size):
    global SIZE
    SIZE = size
    split = lambda pattern: pre_tokenizers.Split(Regex(pattern), "isolated")
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    sequence = pre_tokenizers.Sequence
    yield "gpt2", bpe(texts, pre_tokenizers.ByteLevel(add_prefix_space=False))
    roberta = bpe(texts, pre_tokenizers.ByteLevel(add_prefix_space=True))
    roberta.post_processor = processors.RobertaProcessing(("<special>", roberta.token_to_id("<special>")), ("<strip>", roberta.token_to_id("<strip>")))
    yield "roberta", roberta
    llama3 = bpe(texts, sequence([split(LLAMA3), level]), ignore_merges=True)
    llama3.post_processor = processors.Sequence([processors.ByteLevel(), processors.TemplateProcessing(single="<special> $A", special_tokens=[("<special>", llama3.token_to_id("<special>"))])])
    yield "llama3", llama3
    yield "qwen2", bpe(texts, sequence([split(QWEN2), level]), normalizers.NFC())
    yield "smollm", bpe(texts, sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]))
    # LLaMA-2: no pre-tokenizer, a visible space, byte fallback.
    llama2 = bpe(texts, pre_tokenizers.Metaspace(), byte_fallback=True, fuse_unk=True, unk_token="<unk>")
    state = json.loads(llama2.to_str())
    for byte in range(256):
        state["model"]["vocab"].setdefault(f"<0x{byte:02X}>", len(state["model"]["vocab"]) + 100)
    state["pre_tokenizer"] = None
    state["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    renumber(state)
    yield "llama2", Tokenizer.from_str(json.dumps(state))
    state["normalizer"] = None
    state["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
    yield "llama2-first", Tokenizer.from_str(json.dumps(state))
    yield "bpe-unk", bpe(texts, sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous")]), normalizers.NFKD(), unk_token="[UNK]")
    yield "bpe-affixes", affixes(texts)

    unigram = Tokenizer(models.Unigram())
    unigram.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()])
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    yield "unigram", trained(unigram, trainers.UnigramTrainer(vocab_size=3000, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False), texts)

    for name, options in [("bert", {}), ("bert-cased", {"lowercase": False}), ("bert-accents", {"lowercase": True, "strip_accents": False, "handle_chinese_chars": False})]:
        wordpiece = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        wordpiece.normalizer = normalizers.BertNormalizer(**options)
        wordpiece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=["[UNK]", "[CLS]", "[SEP]"], show_progress=False, limit_alphabet=300)
        wordpiece = trained(wordpiece, trainer, texts)
        wordpiece.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
        yield name, wordpiece

    level = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    level.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
    level.pre_tokenizer = sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits()])
    yield "words", trained(level, trainers.WordLevelTrainer(vocab_size=500, special_tokens=["[UNK]"], show_progress=False), texts)


def affixes(texts):
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]", continuing_subword_prefix="##", end_of_word_suffix="</w>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=SIZE, special_tokens=["[UNK]"], show_progress=False, continuing_subword_prefix="##", end_of_word_suffix="</w>", limit_alphabet=80)
    return trained(tokenizer, trainer, texts)


def precompiled(model, unigram):
    """The unigram tokenizer with SentencePiece's table of replacements in front."""
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model)
    tokenizer = Tokenizer.from_str(unigram.to_str())
    tokenizer.normalizer = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    return tokenizer


def renumber(state):
    """Ids without holes, added tokens last."""
    added = {token["content"] for token in state["added_tokens"]}
    vocab = state["model"]["vocab"]
    texts = [t for t in sorted(vocab, key=vocab.get) if t not in added or t == "<unk>"]
    state["model"]["vocab"] = {text: id for id, text in enumerate(texts)}
    extra = len(texts)
    for token in state["added_tokens"]:
        if token["content"] in state["model"]["vocab"]:
            token["id"] = state["model"]["vocab"][token["content"]]
        else:
            token["id"] = extra
            extra += 1
    state["added_tokens"].sort(key=lambda token: token["id"])


def sentencepiece_kinds(texts, small):
    common = dict(vocab_size=1500, hard_vocab_limit=False, minloglevel=2, character_coverage=0.98)
    for name, options in [
        ("sp-bpe", dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False)),
        ("sp-bpe-nfkc", dict(model_type="bpe", user_defined_symbols=["<user>", "▁▁", "™"])),
        ("sp-unigram", dict(model_type="unigram", normalization_rule_name="nmt_nfkc")),
        ("sp-unigram-bytes", dict(model_type="unigram", byte_fallback=True, normalization_rule_name="nmt_nfkc_cf", add_dummy_prefix=False, user_defined_symbols=["<user>", "walking"])),
        ("sp-suffix", dict(model_type="unigram", treat_whitespace_as_suffix=True)),
    ]:
        if small and name in ("sp-bpe-nfkc", "sp-suffix"):
            continue
        if small and name != "sp-unigram":
            # The table of replacements is a quarter of a megabyte.
            options = {**options, "normalization_rule_name": "identity"}
        out = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(texts), model_writer=out, **{**common, **options})
        yield name, out.getvalue()


def write(folder, texts, encode):
    (folder / "ids.json").write_text(json.dumps([encode(text) for text in texts], separators=(",", ":")))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--train", type=int, default=3000)
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    random.seed(5)
    corpus = [line for line in arguments.texts.read_text().split("\n") if line]
    random.shuffle(corpus)
    train, test = corpus[: arguments.train], UGLY + ADDED + corpus[-arguments.lines :]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "texts.json").write_text(json.dumps(test, ensure_ascii=False, indent=0))
    models = dict(sentencepiece_kinds(train, arguments.small))
    kinds = dict(tokenizer_kinds(train, 450 if arguments.small else 900))
    if not arguments.small:
        kinds["unigram-precompiled"] = precompiled(models["sp-unigram"], kinds["unigram"])
    for name, tokenizer in kinds.items():
        folder = arguments.out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")))
        write(folder, test, lambda text: tokenizer.encode(text, add_special_tokens=False).ids)
    for name, model in models.items():
        folder = arguments.out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tokenizer.model").write_bytes(model)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        write(folder, test, processor.encode)


main()
