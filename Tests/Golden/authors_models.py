"""Encoders that transformers has no class for, written down again from their authors' code.

JinaBERT: jinaai/jina-bert-implementation, `modeling_bert.py`, as `backends/candle/src/models/jina.rs` of
github.com/huggingface/text-embeddings-inference has it at 02506d0b3879596c20905951425d16f09be1a556.
NewModel, of gte-*-en-v1.5: Alibaba-NLP/new-impl, `modeling.py`, as `backends/candle/src/models/gte.rs` there has it at
005a69335a6b890ee8dccc45ba3202646f455fb1; `mixed_b` as `modeling.py` alone has it.

Without padding, masks and dropout: the dumps embed one sequence at a time.
"""

import json
import math
from types import SimpleNamespace

import torch
from torch import nn
from transformers.activations import ACT2FN
from transformers.modeling_outputs import BaseModelOutput


class NewConfig(SimpleNamespace):
    """Alibaba-NLP/new-impl, `configuration.py`."""

    def __init__(self, **said):
        defaults = dict(
            model_type="new", vocab_size=30528, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072,
            hidden_act="gelu", max_position_embeddings=2048, type_vocab_size=1, layer_norm_type="layer_norm", layer_norm_eps=1e-12,
            position_embedding_type="rope", rope_theta=10000.0, rope_scaling=None, pack_qkv=True, logn_attention_scale=False,
            logn_attention_clip1=False)  # fmt: skip
        super().__init__(**{**defaults, **said})

    def to_json_string(self, use_diff=True):
        return json.dumps(vars(self))


def slopes(count):
    """The authors' `_get_alibi_head_slopes`."""

    def of_power(n):
        start = 2 ** (-(2 ** -(math.log2(n) - 3)))
        return [start * start**i for i in range(n)]

    if math.log2(count).is_integer():
        return of_power(count)
    closest = 2 ** math.floor(math.log2(count))
    return of_power(closest) + slopes(2 * closest)[0::2][: count - closest]


class Embeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        if config.type_vocab_size > 0:
            self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, tokens):
        x = self.word_embeddings(tokens)
        if hasattr(self, "token_type_embeddings"):
            x = x + self.token_type_embeddings(torch.zeros_like(tokens))
        return self.LayerNorm(x)


def attend(query, key, value, heads, bias=None):
    """[1, tokens, hidden], of heads that lie side by side."""
    query, key, value = (x.view(*x.shape[:2], heads, -1).transpose(1, 2) for x in (query, key, value))
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    if bias is not None:
        scores = scores + bias
    return (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)


class JinaSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads = config.num_attention_heads
        self.query, self.key, self.value = (nn.Linear(config.hidden_size, config.hidden_size) for _ in range(3))

    def forward(self, x):
        position = torch.arange(x.shape[1])
        bias = -torch.tensor(slopes(self.heads))[:, None, None] * (position[None] - position[:, None]).abs()
        return attend(self.query(x), self.key(x), self.value(x), self.heads, bias)


class JinaSelfOutput(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)


class JinaAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self, self.output = JinaSelfAttention(config), JinaSelfOutput(config)

    def forward(self, x):
        return self.output.LayerNorm(self.output.dense(self.self(x)) + x)


class JinaGLUMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.act = {"geglu": nn.GELU(), "reglu": nn.ReLU()}[config.feed_forward_type]
        self.gated_layers = nn.Linear(config.hidden_size, 2 * config.intermediate_size, bias=False)
        self.wo = nn.Linear(config.intermediate_size, config.hidden_size)
        self.layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x):
        gated, other = self.gated_layers(x).chunk(2, dim=-1)
        return self.layernorm(self.wo(self.act(gated) * other) + x)


class JinaLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention, self.mlp = JinaAttention(config), JinaGLUMLP(config)

    def forward(self, x, positions):
        return self.mlp(self.attention(x))


class NewAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden, self.heads = config.hidden_size, config.num_attention_heads
        self.is_packed = config.pack_qkv
        if self.is_packed:
            self.qkv_proj = nn.Linear(hidden, 3 * hidden)
        else:
            self.q_proj, self.k_proj, self.v_proj = (nn.Linear(hidden, hidden) for _ in range(3))
        self.o_proj = nn.Linear(hidden, hidden)

    def turned(self, x, positions):
        cos, sin = positions
        x = x.view(*x.shape[:2], self.heads, -1)
        first, second = x.chunk(2, dim=-1)
        return (x * cos[:, None] + torch.cat((-second, first), dim=-1) * sin[:, None]).flatten(2)

    def forward(self, x, positions):
        query, key, value = self.qkv_proj(x).chunk(3, dim=-1) if self.is_packed else (self.q_proj(x), self.k_proj(x), self.v_proj(x))
        return self.o_proj(attend(self.turned(query, positions), self.turned(key, positions), value, self.heads))


class NewGatedMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.up_gate_proj = nn.Linear(config.hidden_size, 2 * config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size)
        self.act_fn = ACT2FN[config.hidden_act]

    def forward(self, x):
        up, gate = self.up_gate_proj(x).chunk(2, dim=-1)
        return self.down_proj(self.act_fn(gate) * up)


class NewLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention, self.mlp = NewAttention(config), NewGatedMLP(config)
        self.attn_ln, self.mlp_ln = (nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps) for _ in range(2))

    def forward(self, x, positions):
        x = self.attn_ln(x + self.attention(x, positions))
        return self.mlp_ln(x + self.mlp(x))


def rotary(config, count):
    """Cosines and sines, [tokens, d] each, of `RotaryEmbedding` and `NTKScalingRotaryEmbedding`."""
    d = config.hidden_size // config.num_attention_heads
    scaling = config.rope_scaling or {"factor": 1.0}
    factor, mixed = scaling["factor"], scaling.get("mixed_b")
    base = config.rope_theta * (factor if mixed is None else 1)
    frequencies = 1.0 / (base ** (torch.arange(0, d, 2).float() / d))
    if mixed is None:
        frequencies = frequencies / factor ** (2 / d)
    else:
        a = torch.tensor(factor).log() / (d / 2) ** mixed
        frequencies = frequencies / (a * torch.arange(1, d // 2 + 1).float() ** mixed).exp()
    angles = torch.outer(torch.arange(count).float(), frequencies)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


class Layers(nn.Module):
    def __init__(self, config, kind):
        super().__init__()
        self.layer = nn.ModuleList([kind(config) for _ in range(config.num_hidden_layers)])


class Encoder(nn.Module):
    """The embedding layer, then the layers; a state behind each."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = Layers(config, self.layer_class)

    def tie_weights(self):
        pass

    def forward(self, input_ids, **_):
        positions = rotary(self.config, input_ids.shape[1]) if self.config.model_type == "new" else None
        states = [self.embeddings(input_ids)]
        for layer in self.encoder.layer:
            states.append(layer(states[-1], positions))
        return BaseModelOutput(last_hidden_state=states[-1], hidden_states=tuple(states))


class JinaBertModel(Encoder):
    layer_class = JinaLayer


class NewModel(Encoder):
    layer_class = NewLayer


def own_class(config):
    """The class of a configuration that transformers has none for, or another one than is wanted; None for others."""
    if config.model_type == "new":
        return NewModel
    if config.model_type == "bert" and getattr(config, "position_embedding_type", None) == "alibi":
        return JinaBertModel
    return None
