"""Hidden states of a tiny model of each architecture family, causal and bidirectional, by Hugging Face transformers.

    python Tests/Golden/dump_families.py

Writes families.json: for each case its `config.json`, the names and shapes of its tensors (formula_weights.py gives
their values), the names that a GGUF file has for them, and all hidden states. Needs torch, transformers and gguf.
"""

import json
from pathlib import Path

import gguf
import torch
from transformers import AutoModel, MT5EncoderModel, T5EncoderModel
from transformers.models.bert import BertConfig
from transformers.models.bloom import BloomConfig
from transformers.models.distilbert import DistilBertConfig
from transformers.models.eurobert import EuroBertConfig
from transformers.models.gemma2 import Gemma2Config
from transformers.models.gemma3 import Gemma3TextConfig
from transformers.models.gpt2 import GPT2Config
from transformers.models.gpt_neox import GPTNeoXConfig
from transformers.models.llama import LlamaConfig
from transformers.models.mistral import MistralConfig
from transformers.models.modernbert import ModernBertConfig
from transformers.models.mpnet import MPNetConfig
from transformers.models.mt5 import MT5Config
from transformers.models.nomic_bert import NomicBertConfig
from transformers.models.opt import OPTConfig
from transformers.models.phi3 import Phi3Config
from transformers.models.qwen2 import Qwen2Config
from transformers.models.qwen3 import Qwen3Config
from transformers.models.roberta import RobertaConfig
from transformers.models.smollm3 import SmolLM3Config
from transformers.models.t5 import T5Config

from authors_models import NewConfig, own_class
from formula_weights import fill, rounded, write_golden

VOCABULARY, LENGTH, WINDOW = 40, 11, 4
SMALL = dict(vocab_size=VOCABULARY, bos_token_id=None, eos_token_id=None, pad_token_id=None)
LIKE_LLAMA = SMALL | dict(
    hidden_size=16,
    intermediate_size=20,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=32,
)
PLAIN = SMALL | dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=32)
# Few buckets, so that distances share some; heads that are not the hidden size together.
LIKE_T5 = dict(
    vocab_size=VOCABULARY,
    d_model=16,
    d_kv=6,
    d_ff=24,
    num_layers=2,
    num_heads=2,
    relative_attention_num_buckets=8,
    relative_attention_max_distance=9,
)
BLOOM = SMALL | dict(n_layer=2, layer_norm_epsilon=1e-5)
# What calls itself BERT and is JinaBERT; the heads are no power of two, nor is the width of a head.
JINA = PLAIN | dict(hidden_size=18, num_attention_heads=3, intermediate_size=20, type_vocab_size=2, position_embedding_type="alibi")
NEW = dict(
    vocab_size=VOCABULARY,
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=20,
    max_position_embeddings=32,
    rope_theta=50.0,
)


def rope(base, **others):
    return {"rope_type": "default", "rope_theta": base, **others}


GEMMA3 = LIKE_LLAMA | dict(
    num_hidden_layers=3,
    head_dim=6,
    sliding_window=WINDOW,
    layer_types=["sliding_attention", "sliding_attention", "full_attention"],
    query_pre_attn_scalar=6,
    rope_parameters={"sliding_attention": rope(30.0), "full_attention": rope(900.0, rope_type="linear", factor=2.0)},
)
CASES = {
    "mistral": MistralConfig(**LIKE_LLAMA, head_dim=6, sliding_window=WINDOW, rope_parameters=rope(50.0)),
    "mistral without window": MistralConfig(**LIKE_LLAMA, head_dim=4, sliding_window=None, rope_parameters=rope(50.0)),
    "qwen2": Qwen2Config(**LIKE_LLAMA, rope_parameters=rope(70.0)),
    "qwen2 with window": Qwen2Config(
        **LIKE_LLAMA, use_sliding_window=True, sliding_window=WINDOW, max_window_layers=1, rope_parameters=rope(70.0)
    ),
    "qwen3": Qwen3Config(**LIKE_LLAMA, head_dim=6, rope_parameters=rope(80.0)),
    "gemma2": Gemma2Config(
        **LIKE_LLAMA,
        head_dim=6,
        sliding_window=WINDOW,
        query_pre_attn_scalar=6,
        attn_logit_softcapping=2.0,
        rope_parameters=rope(60.0),
    ),
    "gemma3": Gemma3TextConfig(**GEMMA3),
    "gemma3 as encoder": Gemma3TextConfig(**GEMMA3 | dict(query_pre_attn_scalar=9), use_bidirectional_attention=True),
    "phi3": Phi3Config(**LIKE_LLAMA | dict(hidden_size=32), rope_parameters=rope(40.0, partial_rotary_factor=0.75)),
    "phi3 with window": Phi3Config(**LIKE_LLAMA, sliding_window=WINDOW, rope_parameters=rope(40.0)),
    "phi3 with longrope": Phi3Config(
        **LIKE_LLAMA | dict(max_position_embeddings=64),
        original_max_position_embeddings=32,
        rope_parameters=rope(
            40.0,
            rope_type="longrope",
            short_factor=[1.0, 1.25],
            long_factor=[2.0, 5.0],
            original_max_position_embeddings=32,
        ),
    ),
    "gpt2": GPT2Config(**SMALL, n_embd=16, n_layer=2, n_head=2, n_positions=32),
    "opt": OPTConfig(**PLAIN | dict(pad_token_id=1), ffn_dim=24, word_embed_proj_dim=16),
    "gpt_neox": GPTNeoXConfig(**PLAIN, intermediate_size=24, rope_parameters=rope(90.0, partial_rotary_factor=0.5)),
    "gpt_neox in turn": GPTNeoXConfig(
        **PLAIN,
        intermediate_size=24,
        use_parallel_residual=False,
        rope_parameters=rope(90.0, partial_rotary_factor=0.25),
    ),
    "bert": BertConfig(**PLAIN, intermediate_size=24, type_vocab_size=2),
    "roberta": RobertaConfig(
        **PLAIN | dict(pad_token_id=1, max_position_embeddings=34), intermediate_size=24, type_vocab_size=1
    ),
    "distilbert": DistilBertConfig(
        vocab_size=VOCABULARY, dim=16, n_layers=2, n_heads=2, hidden_dim=24, max_position_embeddings=32
    ),
    "mpnet": MPNetConfig(**PLAIN | dict(pad_token_id=1, max_position_embeddings=34), intermediate_size=24),
    "nomic_bert": NomicBertConfig(
        **PLAIN | dict(pad_token_id=0), head_dim=8, intermediate_size=24, type_vocab_size=2, rope_parameters=rope(30.0)
    ),
    "eurobert": EuroBertConfig(**LIKE_LLAMA | dict(pad_token_id=39), rope_parameters=rope(50.0)),
    "modernbert": ModernBertConfig(
        **PLAIN | dict(num_hidden_layers=4, cls_token_id=None, sep_token_id=None),
        intermediate_size=20,
        local_attention=2 * WINDOW,
        rope_parameters={"full_attention": rope(900.0), "sliding_attention": rope(30.0)},
    ),
    "modernbert with biases": ModernBertConfig(
        **PLAIN | dict(cls_token_id=None, sep_token_id=None),
        intermediate_size=20,
        norm_bias=True,
        attention_bias=True,
        mlp_bias=True,
        local_attention=5,
        layer_types=["sliding_attention", "full_attention"],
    ),
    "llama with biases": LlamaConfig(**LIKE_LLAMA, attention_bias=True, mlp_bias=True, rope_parameters=rope(50.0)),
    "smollm3": SmolLM3Config(**LIKE_LLAMA, no_rope_layers=[1, 0], rope_parameters=rope(50.0)),
    "t5": T5Config(**LIKE_T5),
    "t5 with gate": T5Config(**LIKE_T5, feed_forward_proj="gated-gelu"),
    "mt5": MT5Config(**LIKE_T5, feed_forward_proj="gated-silu"),
    "bloom": BloomConfig(**BLOOM, hidden_size=16, n_head=2),
    "bloom with five heads": BloomConfig(**BLOOM, hidden_size=20, n_head=5),
    "bert of jina": BertConfig(**JINA, feed_forward_type="geglu", emb_pooler="mean"),
    "bert of jina with reglu": BertConfig(**JINA, feed_forward_type="reglu"),
    "new": NewConfig(**NEW, type_vocab_size=0, rope_scaling={"type": "ntk", "factor": 2.0}),
    "new in parts": NewConfig(**NEW, pack_qkv=False, rope_scaling={"type": "ntk", "factor": 4.0, "mixed_b": 0.625}),
}
ENCODERS = ["bert", "roberta", "distilbert", "mpnet", "nomic_bert", "eurobert", "gemma3 as encoder"]
ENCODERS += ["modernbert", "modernbert with biases", "t5", "t5 with gate", "mt5"]
ENCODERS += ["bert of jina", "bert of jina with reglu", "new", "new in parts"]
# Of a model with a decoder the encoder alone.
MODELS = {"t5": T5EncoderModel, "mt5": MT5EncoderModel}
GGUF = {
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "qwen3": gguf.MODEL_ARCH.QWEN3,
    "gemma2": gguf.MODEL_ARCH.GEMMA2,
    "gemma3": gguf.MODEL_ARCH.GEMMA3,
    "phi3": gguf.MODEL_ARCH.PHI3,
    "gpt2": gguf.MODEL_ARCH.GPT2,
}


def bidirectional_mask(config):
    """Zeros where a token is seen; two masks where only some layers have a window."""
    everything = torch.zeros(1, 1, LENGTH, LENGTH)
    distance = (torch.arange(LENGTH)[:, None] - torch.arange(LENGTH)).abs()
    window = everything.masked_fill(distance >= WINDOW, torch.finfo(torch.float32).min)
    if getattr(config, "layer_types", None):
        return {"full_attention": everything, "sliding_attention": window}
    return window if getattr(config, "sliding_window", None) else everything


def gguf_names(name, config, tensors):
    if name not in GGUF:
        return {}
    names = gguf.get_tensor_name_map(GGUF[name], config.num_hidden_layers)
    prefix = "" if name == "gpt2" else "model."
    return {tensor: names.get_name(prefix + tensor, (".weight", ".bias")) for tensor, _ in tensors}


def build(config):
    own = own_class(config) or MODELS.get(config.model_type)
    return own(config) if own else AutoModel.from_config(config)


def bloom_states(model, tokens, mask):
    """BLOOM counts a mask's tokens to make its bias, so that a mask of scores is handed to the layers alone."""

    def use(module, arguments, options):
        return arguments, options | {"attention_mask": options["attention_mask"] if mask is None else mask}

    hooks = [layer.register_forward_pre_hook(use, with_kwargs=True) for layer in model.h]
    states = model(tokens, output_hidden_states=True).hidden_states
    for hook in hooks:
        hook.remove()
    return states


def states(model, tokens, mask, positions):
    if model.config.model_type == "bloom":
        return bloom_states(model, tokens, mask)
    return model(tokens, attention_mask=mask, output_hidden_states=True, **positions).hidden_states


def case(name, config, tokens):
    config._attn_implementation = "eager"
    model = build(config).eval().float()
    tensors = [entry for entry in fill(model) if "pooler" not in entry[0]]
    is_encoder = name in ENCODERS
    positions = {} if is_encoder else {"position_ids": torch.arange(LENGTH)[None]}
    with torch.no_grad():
        found = {
            key: states(model, tokens, mask, positions)
            for key, mask in [("bidirectional", None if is_encoder else bidirectional_mask(config)), ("causal", None)]
            if key == "bidirectional" or not is_encoder
        }
    if not is_encoder:
        assert (found["causal"][-1] - found["bidirectional"][-1]).abs().max() > 1e-2, name
    return {
        "name": name,
        "config": json.loads(config.to_json_string(use_diff=False)),
        "tensors": tensors,
        "gguf": gguf_names(name, config, tensors),
        **{key: rounded(states) for key, states in found.items()},
    }


def main():
    tokens = torch.tensor([[7, 31, 2, 19, 19, 4, 38, 11, 0, 25, 13]])
    cases = [case(name, config, tokens) for name, config in CASES.items()]
    golden = {"tokens": tokens[0].tolist(), "cases": cases}
    write_golden(Path(__file__).parent / "families.json", golden, "cases")


main()
