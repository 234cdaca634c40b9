#!/usr/bin/env python3
"""Dump tiny models with the configurations of released encoders, and the embeddings that the encoders' documented code makes.

Each case has a name of configs/models: its weights are the formula's (formula_weights.py), its tokenizer is trained on the lines
below, and its embeddings are computed by transformers, and for LLM2Vec by PEFT, as the release says: what is put around a text,
which tokens are pooled, which attention. None of it is read from configs/models, which the test holds against it. Sources: the
files that those configs name.

Usage: dump_released.py    (writes released.json; needs torch, transformers, peft, tokenizers)
"""

import json
import tempfile
from pathlib import Path

import torch
from formula_weights import fill, values, write_golden
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModel

TEXTS = ["A man is playing a guitar.", "Rain", "Two dogs run; a cat sleeps on the mat, and nobody sees it!", "what is a summit?"]
STS = "Retrieve semantically similar text"
WEB = "Given a web search query, retrieve relevant passages that answer the query"
LINES = TEXTS + [STS + ".", WEB, "Instruct: Query: query: passage: classification: search_query: search_document: [INST] [/INST]"]
LINES += ["Represent this sentence for searching relevant passages: <|user|> <|embed|> <instruct> <query> <response> user"]
VOCABULARY = 330
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)


def byte_level(pattern, special):
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY - len(special), initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return tokenizer


def llama():
    """As LLaMA 2's and Mistral's: a space before a text, spaces as U+2581, bytes for what is unknown."""
    special = ["<unk>", "<s>", "</s>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])  # fmt: skip
    pieces = special + [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY - 256, special_tokens=special, show_progress=False)
    # As theirs, no piece goes from one word into the next.
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    tokenizer.train_from_iterator(LINES, trainer)
    state = json.loads(tokenizer.to_str()) | {"pre_tokenizer": None}
    learnt = [piece for piece in state["model"]["vocab"] if piece not in special and "\n" not in piece]
    state["model"]["vocab"] = {piece: index for index, piece in enumerate(pieces + learnt)}
    return Tokenizer.from_str(json.dumps(state))


def sentence_piece():
    """As XLM-R's: unigrams."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=120, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    return tokenizer


def word_pieces():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=160, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    return tokenizer


def framed(tokenizer, frame):
    """The tokenizer with tokens around each text, such as "<s> $A"."""
    copy = Tokenizer.from_str(tokenizer.to_str())
    ids = [(token, copy.token_to_id(token)) for token in frame.split() if token != "$A"]
    copy.post_processor = processors.TemplateProcessing(single=frame, special_tokens=ids)
    return copy


LLAMA3_SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
GOLDEN = Path(__file__).parent / "released.json"


def trained():
    """The tokenizers by name; those of the file that is there, for unigrams and word pieces are never learnt the same twice."""
    if GOLDEN.exists():
        kept = json.loads(GOLDEN.read_text())["tokenizers"]
        return {name: Tokenizer.from_str(json.dumps(state)) for name, state in kept.items()}
    qwen = byte_level(QWEN2, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    found = {
        "qwen": qwen,
        "qwen, end": framed(qwen, "$A <|endoftext|>"),
        "llama 3": framed(byte_level(LLAMA3, LLAMA3_SPECIAL), "<|begin_of_text|> $A"),
        "llama": framed(llama(), "<s> $A"),
        "xlm-r": framed(sentence_piece(), "<s> $A </s>"),
        "bert": framed(word_pieces(), "[CLS] $A [SEP]"),
    }
    return found | {"llama, end": framed(found["llama"], "<s> $A </s>")}


TOKENIZERS = trained()
LLAMA_NAMES = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
LLAMA_CLASS = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, **LLAMA_NAMES}
QWEN_CLASS = {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
FAST = {"tokenizer_class": "PreTrainedTokenizerFast"}
BERT_NAMES = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
BERT_CLASS = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, **BERT_NAMES}
XLMR_NAMES = {"unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>", "cls_token": "<s>"}
XLMR_CLASS = {"tokenizer_class": "XLMRobertaTokenizer", "bos_token": "<s>", "eos_token": "</s>", **XLMR_NAMES}
LLAMA3_CLASS = {**FAST, "bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}

SMALL = dict(hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=512)
DECODER = SMALL | dict(num_key_value_heads=2, hidden_act="silu", attention_dropout=0.0, initializer_range=0.02, use_cache=False)
MISTRAL = DECODER | dict(model_type="mistral", rms_norm_eps=1e-5, rope_theta=10000.0, sliding_window=4096)
MISTRAL |= dict(bos_token_id=1, eos_token_id=2)
QWEN3 = DECODER | dict(
    model_type="qwen3", head_dim=8, rms_norm_eps=1e-6, rope_theta=1000000, attention_bias=False, max_window_layers=2,
    sliding_window=None, use_sliding_window=False, rope_scaling=None, tie_word_embeddings=True)  # fmt: skip
GTE_QWEN2 = DECODER | dict(
    model_type="qwen2", rms_norm_eps=1e-6, rope_theta=1000000.0, max_window_layers=2, sliding_window=131072,
    use_sliding_window=False, tie_word_embeddings=False, is_causal=False,
    auto_map={"AutoModel": "modeling_qwen.Qwen2Model"})  # fmt: skip
LLAMA_MODEL = DECODER | dict(model_type="llama", rms_norm_eps=1e-5, rope_theta=500000.0, attention_bias=False, rope_scaling=None)
BERT = SMALL | dict(model_type="bert", hidden_act="gelu", layer_norm_eps=1e-12, type_vocab_size=2, pad_token_id=0)
XLMR = SMALL | dict(
    model_type="xlm-roberta", hidden_act="gelu", layer_norm_eps=1e-5, type_vocab_size=1, bos_token_id=0, pad_token_id=1,
    eos_token_id=2, max_position_embeddings=514)  # fmt: skip
NV_EMBED = dict(
    model_type="nvembed", hidden_size=16, mask_type="b", padding_side="right", is_mask_instruction=True, add_eos=True,
    add_pad_token=True, text_config=MISTRAL | dict(model_type="bidir_mistral", sliding_window=4),
    latent_attention_config=dict(
        model_type="latent_attention", num_latents_value=5, num_cross_heads=2, hidden_dim=16, latent_dim=16,
        cross_dim_head=6))  # fmt: skip
NOMIC = SMALL | dict(
    model_type="nomic_bert", hidden_act="silu", layer_norm_eps=1e-12, type_vocab_size=2, pad_token_id=0,
    rope_parameters={"rope_type": "default", "rope_theta": 1000.0})  # fmt: skip


class Encoder:
    """A tiny model, its tokenizer, and how a release attends."""

    def __init__(self, config, tokenizer, bidirectional=False, adapters=()):
        self.tokenizer = TOKENIZERS[tokenizer]
        self.config = config | dict(vocab_size=self.tokenizer.get_vocab_size())
        read = AutoConfig.for_model(**{key: value for key, value in self.config.items() if key not in ["auto_map", "is_causal"]})
        read._attn_implementation = "eager"
        model = AutoModel.from_config(read).eval().float()
        self.tensors = [entry for entry in fill(model) if "pooler" not in entry[0]]
        self.adapters = []
        for name, rank in adapters:
            model, adapter = adapted(model, name, rank)
            self.adapters.append(adapter)
        self.model, self.bidirectional = model, bidirectional

    def ids(self, text, special=True):
        return self.tokenizer.encode(text, add_special_tokens=special).ids

    def states(self, ids):
        mask = {}
        if self.bidirectional:
            count = len(ids)
            mask = {"attention_mask": torch.zeros(1, 1, count, count), "position_ids": torch.arange(count)[None]}
        with torch.no_grad():
            return self.model(torch.tensor([ids]), **mask).last_hidden_state[0]


class LatentAttention(torch.nn.Module):
    """As NV-Embed's modeling_nvembed.py has it: tokens attend to trained vectors, then an MLP, each behind a LayerNorm."""

    def __init__(self, width, vectors, heads, columns):
        super().__init__()
        self.heads = heads
        self.latents = torch.nn.Parameter(torch.empty(vectors, width))
        attention, mlp = torch.nn.Module(), torch.nn.Module()
        attention.norm, attention.norm_context, mlp.norm = (torch.nn.LayerNorm(width) for _ in range(3))
        attention.fn = torch.nn.ModuleDict({
            "to_q": torch.nn.Linear(width, columns, bias=False), "to_kv": torch.nn.Linear(width, 2 * columns, bias=False),
            "to_out": torch.nn.Linear(columns, width, bias=False)})  # fmt: skip
        mlp.fn = torch.nn.Module()
        mlp.fn.net = torch.nn.Sequential(
            torch.nn.Linear(width, 8 * width), torch.nn.Identity(), torch.nn.Linear(4 * width, width))  # fmt: skip
        self.cross_attend_blocks = torch.nn.ModuleList([attention, mlp])

    def forward(self, states):
        attention, mlp = self.cross_attend_blocks

        def by_head(rows):
            return rows.unflatten(-1, (self.heads, -1)).transpose(0, 1)

        queries = attention.fn["to_q"](attention.norm(states))
        keys, values = attention.fn["to_kv"](attention.norm_context(self.latents)).chunk(2, dim=-1)
        read = torch.nn.functional.scaled_dot_product_attention(by_head(queries), by_head(keys), by_head(values))
        states = attention.fn["to_out"](read.transpose(0, 1).flatten(1)) + states
        rows, gates = mlp.fn.net[0](mlp.norm(states)).chunk(2, dim=-1)
        return mlp.fn.net[2](rows * torch.nn.functional.gelu(gates)) + states


class NVEmbed(Encoder):
    def __init__(self, config, tokenizer):
        self.tokenizer = TOKENIZERS[tokenizer]
        text = config["text_config"] | dict(vocab_size=self.tokenizer.get_vocab_size())
        self.config, self.adapters, self.bidirectional = config | dict(text_config=text), [], True
        # Its mask has no window.
        read = AutoConfig.for_model(**text | dict(model_type="mistral", sliding_window=None))
        read._attn_implementation = "eager"
        latent = config["latent_attention_config"]
        whole = torch.nn.Module()
        whole.embedding_model = AutoModel.from_config(read)
        columns = latent["num_cross_heads"] * latent["cross_dim_head"]
        whole.latent_attention_model = LatentAttention(
            latent["latent_dim"], latent["num_latents_value"], latent["num_cross_heads"], columns)  # fmt: skip
        whole.tie_weights = lambda: None
        self.tensors = fill(whole.eval().float())
        self.model, self.latent = whole.embedding_model, whole.latent_attention_model

    def states(self, ids):
        with torch.no_grad():
            return self.latent(super().states(ids))


def adapted(model, name, rank):
    """PEFT's merge of an adapter with the formula's numbers."""
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    peft = get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=targets, lora_dropout=0.05))
    state = {key: values(f"{name} {key}", tensor.shape) for key, tensor in get_peft_model_state_dict(peft).items()}
    set_peft_model_state_dict(peft, state)
    with tempfile.TemporaryDirectory() as folder:
        peft.peft_config["default"].save_pretrained(folder)
        config = json.loads((Path(folder) / "adapter_config.json").read_text())
    config["target_modules"] = targets
    tensors = [[key, list(tensor.shape)] for key, tensor in state.items()]
    return peft.merge_and_unload(), {"name": name, "config": config, "tensors": tensors}


# What a release does to a text: (encoder, the role's instruction or prompt, text) to a vector.


def instruct(task, text, space=" "):
    return f"Instruct: {task}\nQuery:{space}{text}" if task else text


def last(space=" ", end=None):
    """The last token's state behind an instruction; `end` is the token that the release's code appends itself."""

    def make(encoder, task, text):
        ids = encoder.ids(instruct(task, text, space))
        return encoder.states(ids + [encoder.tokenizer.token_to_id(end)] if end else ids)[-1]

    return make


def icl(encoder, task, text):
    return encoder.states(encoder.ids(f"<instruct>{task}\n<query>{text}\n<response>" if task else text))[-1]


def mean(encoder, prompt, text):
    return encoder.states(encoder.ids(prompt + text)).mean(0)


def instructed_mean(encoder, task, text):
    return mean(encoder, "", instruct(task, text))


def first(encoder, prompt, text):
    return encoder.states(encoder.ids(prompt + text))[0]


def gritlm(encoder, task, text):
    """GritLM.encode: the instruction's tokens, the beginning's too, are masked out of the mean."""
    prompt = f"<|user|>\n{task}\n<|embed|>\n" if task else "<|embed|>\n"
    return encoder.states(encoder.ids(prompt + text))[len(encoder.ids(prompt)) :].mean(0)


def nv_embed(encoder, task, text):
    """NVEmbedModel.encode: as many first tokens as the instruction has alone are masked out of the mean."""
    prompt = f"Instruct: {task}\nQuery: " if task else ""
    count = len(encoder.ids(prompt, special=False)) if task else 0
    return encoder.states(encoder.ids(prompt + text + "</s>"))[count:].mean(0)


def llm2vec(before="", behind=""):
    """LLM2Vec.encode: the mean of as many last tokens as the text, with what the markup has behind it, has alone."""

    def make(encoder, task, text):
        whole = before + (f"{task.strip()} {text}" if task else text).strip() + behind
        count = len(encoder.ids(text + behind, special=False))
        return encoder.states(encoder.ids(whole))[-count:].mean(0)

    return make


def cases():
    """Name, tokenizer, its settings, encoder, what is done, and the instruction or prompt of a sentence, a query and a document."""
    stopped = [STS + ".", WEB, ""]
    colons = [STS + ":", WEB + ":", ""]
    end = "<|endoftext|>"
    yield "qwen3-embedding-0.6b", "qwen, end", QWEN_CLASS, Encoder(QWEN3, "qwen, end"), last(""), [STS, WEB, ""]
    # As the template must end it where a tokenizer doesn't.
    yield "qwen3-embedding-4b", "qwen", QWEN_CLASS, Encoder(QWEN3, "qwen"), last("", end), [STS, WEB, ""]
    yield "e5-mistral-7b-instruct", "llama", LLAMA_CLASS, Encoder(MISTRAL, "llama"), last(end="</s>"), stopped
    own = QWEN_CLASS | {"add_eos_token": True, "auto_map": {"AutoTokenizer": ["tokenization_qwen.Qwen2Tokenizer", None]}}
    yield "gte-qwen2-1.5b-instruct", "qwen", own, Encoder(GTE_QWEN2, "qwen", True), last(end=end), stopped

    adapters = [("mntp", 3), ("supervised", 2)]
    encoder = Encoder(LLAMA_MODEL, "llama 3", True, adapters)
    markup = llm2vec("<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>")
    yield "llm2vec-llama-3-8b-supervised", "llama 3", LLAMA3_CLASS, encoder, markup, colons
    encoder = Encoder(MISTRAL | dict(sliding_window=None), "llama", True, adapters)
    yield "llm2vec-mistral-7b-supervised", "llama", LLAMA_CLASS, encoder, llm2vec("[INST] ", " [/INST]"), colons
    encoder = Encoder(LLAMA_MODEL | dict(rope_theta=10000.0), "llama", True, adapters)
    yield "llm2vec-sheared-llama-1.3b-supervised", "llama", LLAMA_CLASS, encoder, llm2vec(), colons

    words = [STS + ".", "Given a question, retrieve passages that answer the question", ""]
    yield "nv-embed-v2", "llama", LLAMA_CLASS, NVEmbed(NV_EMBED, "llama"), nv_embed, words
    yield "gritlm-7b", "llama", LLAMA_CLASS, Encoder(MISTRAL, "llama", True), gritlm, stopped
    own = LLAMA_CLASS | {"add_eos_token": True}
    yield "bge-en-icl", "llama, end", own, Encoder(MISTRAL, "llama, end"), icl, [STS + ".", WEB + ".", ""]

    prompts = ["query: ", "query: ", "passage: "]
    encoder = Encoder(XLMR, "xlm-r")
    yield "multilingual-e5-small", "xlm-r", XLMR_CLASS, Encoder(BERT, "xlm-r"), mean, prompts
    yield "multilingual-e5-base", "xlm-r", XLMR_CLASS, encoder, mean, prompts
    yield "multilingual-e5-large-instruct", "xlm-r", XLMR_CLASS, encoder, instructed_mean, stopped
    yield "bge-m3", "xlm-r", XLMR_CLASS, encoder, first, ["", "", ""]
    encoder = Encoder(BERT, "bert")
    search = "Represent this sentence for searching relevant passages: "
    yield "bge-small-en-v1.5", "bert", BERT_CLASS, encoder, first, ["", search, ""]
    yield "all-minilm-l6-v2", "bert", BERT_CLASS, encoder, mean, ["", "", ""]
    prompts = ["classification: ", "search_query: ", "search_document: "]
    yield "nomic-embed-text-v1", "bert", BERT_CLASS, Encoder(NOMIC, "bert"), mean, prompts


def main():
    entries = []
    for name, tokenizer, settings, encoder, make, words in cases():
        roles = zip(["sentence", "query", "document"], words)
        rows = {role: torch.stack([make(encoder, word, text) for text in TEXTS]) for role, word in roles}
        is_unit = not name.startswith("llm2vec")
        if is_unit:
            rows = {role: torch.nn.functional.normalize(found, dim=-1) for role, found in rows.items()}
        assert all(torch.isfinite(found).all() for found in rows.values()), name
        entries.append({
            "name": name, "tokenizer": tokenizer, "tokenizer_config": settings, "config": encoder.config,
            "tensors": encoder.tensors, "adapters": encoder.adapters, "unit_length": is_unit,
            "bidirectional": encoder.bidirectional or encoder.config["model_type"] in ["bert", "xlm-roberta", "nomic_bert"],
            **{role: [[float(f"{x:.6g}") for x in row] for row in found.tolist()] for role, found in rows.items()},
        })  # fmt: skip
    tokenizers = {name: json.loads(tokenizer.to_str()) for name, tokenizer in TOKENIZERS.items()}
    golden = {"texts": TEXTS, "tokenizers": tokenizers, "cases": entries}
    write_golden(GOLDEN, golden, "cases")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
