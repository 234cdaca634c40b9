"""Hidden states of a tiny random LLaMA model under each rotary scaling, by Hugging Face transformers.

    python Tests/Golden/dump_llama.py

Writes llama-tiny/config.json, and llama-tiny/hidden.json: the names and shapes of the tensors, whose values
formula_weights.py gives, and for each scaling the `config.json` and the hidden states, causal and bidirectional.
Needs torch and transformers.
"""

import json
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from formula_weights import fill, rounded

FOLDER = Path(__file__).parent / "llama-tiny"
SCALINGS = {
    "default": {"rope_type": "default"},
    "linear": {"rope_type": "linear", "factor": 4.0},
    "dynamic": {"rope_type": "dynamic", "factor": 4.0},
    "llama3": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16,
    },
    "yarn": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
    "yarn-full": {
        "rope_type": "yarn",
        "factor": 4.0,
        "original_max_position_embeddings": 16,
        "beta_fast": 8.0,
        "beta_slow": 2.0,
        "mscale": 0.7,
        "mscale_all_dim": 1.2,
        "truncate": False,
    },
}


def config(scaling):
    return LlamaConfig(
        vocab_size=96,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=64,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_theta": 500.0, **scaling},
        attn_implementation="eager",
        tie_word_embeddings=False,
    )


def main():
    torch.manual_seed(7)
    model = LlamaForCausalLM(config(SCALINGS["default"]))
    tensors = fill(model)
    model.config.save_pretrained(FOLDER)
    tokens = torch.randint(0, 96, (1, 24))
    cases = []
    for name, scaling in SCALINGS.items():
        scaled = LlamaForCausalLM(config(scaling)).eval()
        scaled.load_state_dict(model.state_dict())
        zeros = torch.zeros(1, 1, 24, 24)
        with torch.no_grad():
            causal = scaled.model(tokens, output_hidden_states=True).hidden_states
            both = scaled.model(tokens, attention_mask=zeros, output_hidden_states=True).hidden_states
        case = {"name": name, "config": json.loads(scaled.config.to_json_string(use_diff=False))}
        case |= {"causal": rounded(causal[1:]), "bidirectional": rounded(both[1:])}
        cases.append(case)
    golden = {"tokens": tokens[0].tolist(), "tensors": tensors, "cases": cases}
    (FOLDER / "hidden.json").write_text(json.dumps(golden, separators=(",", ":")))


main()
