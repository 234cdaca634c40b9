"""Holds how model folders are read against transformers: tiny models of every family, whose config.json is changed at random.

Each variation is embedded by bellm and by transformers (mean of the last hidden states). Right is: equal within 1e-4, or refused
by a line. Different in silence is a fault; the folder of each is kept.

    check_models.py BELLM [--variations 2000] [--seed N] [--family llama] [--keep FOLDER]
"""
import argparse, json, os, random, shutil, subprocess, sys, tempfile, time

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

TEXTS = ["A man is playing a guitar on the beach.", "Zwei Hunde laufen durch den Schnee!", "x"]
MISSING = object()
TOLERANCE = 1e-4
SIZES = dict(
    vocab_size=260, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=128,
    pad_token_id=0, bos_token_id=1, eos_token_id=2,
)
GROUPED = dict(SIZES, num_key_value_heads=2)
ROPE = {
    "rope_theta": [500.0, 10000.0, 1000000.0],
    "rope_scaling": [
        None, {"type": "linear", "factor": 2.0}, {"rope_type": "linear", "factor": 4.0}, {"rope_type": "default"},
        {"rope_type": "linear", "factor": 2.0, "rope_theta": 500.0}, {"rope_type": "dynamic", "factor": 2.0},
        {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64},
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}, {"type": "yarn", "factor": 2.0},
    ],
    "rope_parameters": [
        None, {"rope_theta": 500.0}, {"rope_type": "default", "rope_theta": 20000.0}, {"rope_type": "linear", "factor": 2.0},
        {"rope_type": "linear", "factor": 2.0, "rope_theta": 700.0}, {"partial_rotary_factor": 0.5, "rope_theta": 10000.0},
    ],
    "partial_rotary_factor": [None, 0.5, 1.0],
}
WINDOWS = {
    "sliding_window": [None, 4, 4096], "use_sliding_window": [None, True, False], "max_window_layers": [None, 0, 1, 28],
    "layer_types": [
        None, ["full_attention"] * 3, ["sliding_attention"] * 3, ["sliding_attention", "full_attention", "sliding_attention"],
    ],
}
ACTIVATIONS = [None, "silu", "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "swish", "quick_gelu"]
# Keys that any config.json may have.
COMMON = {
    "is_decoder": [None, True, False], "is_causal": [None, True, False], "attention_bias": [None, False, True], "mlp_bias": [None, False],
    "attention_dropout": [None, 0.1, 0.0], "use_cache": [None, True, False], "tie_word_embeddings": [None, True, False],
    "torch_dtype": ["float32", None], "dtype": ["float32", None], "initializer_range": [0.02, None], "pad_token_id": [None, -1, 0, 259],
    "bos_token_id": [None, 1], "eos_token_id": [None, 2, [2, 3]], "pretraining_tp": [1, 2, None], "head_dim": [None, 8],
    "output_attentions": [False, True], "architectures": [None, ["Other"]], "transformers_version": ["4.30.0", None],
    "chunk_size_feed_forward": [0, 2], "is_encoder_decoder": [False], "add_cross_attention": [None, False], "no_such_key": [None, 1, "x"],
    "num_key_value_heads": [None], "use_bidirectional_attention": [None, True, False], "final_logit_softcapping": [None, 30.0],
    "attn_logit_softcapping": [None, 0.5], "query_pre_attn_scalar": [None, 8, 64], "sliding_window_pattern": [None, 2, 3],
    "rope_local_base_freq": [None, 500.0], "hidden_activation": ACTIVATIONS, "hidden_act": ACTIVATIONS, "rms_norm_eps": [None, 1e-3],
    "layer_norm_eps": [None, 1e-3], "layer_norm_epsilon": [None, 1e-3], "max_position_embeddings": [None, 128],
    "quantization_config": [None], "auto_map": [{"AutoModel": "own.Model"}],
    "rope_interleaved": [False, True], "position_embedding_type": [None, "absolute", "relative_key"],
}
LIKE_T5 = dict(vocab_size=260, d_model=32, d_kv=12, d_ff=48, num_layers=3, num_heads=4)
T5 = {
    "relative_attention_num_buckets": [None, 32, 16], "relative_attention_max_distance": [None, 20, 128, 5], "d_kv": [None, 12],
    "feed_forward_proj": [None, "relu", "gated-gelu", "gated-silu", "gelu", "gated", "silu-gated"], "layer_norm_epsilon": [None, 1e-3],
    "dense_act_fn": [None, *ACTIVATIONS], "is_gated_act": [None, True, False], "is_encoder_decoder": [None, True, False],
    "is_decoder": [None, False, True], "n_positions": [512, 8, None], "num_decoder_layers": [None, 1], "dropout_rate": [0.1, None],
    "scale_decoder_outputs": [True, None], "decoder_start_token_id": [0, None], "num_heads": [4, 2], "output_past": [True],
}
FAMILIES = {
    "llama": (dict(GROUPED), dict(ROPE)),
    "mistral": (dict(GROUPED, sliding_window=4), {**ROPE, **WINDOWS}),
    "qwen2": (dict(GROUPED, use_sliding_window=True, sliding_window=4, max_window_layers=1), {**ROPE, **WINDOWS}),
    "qwen3": (dict(GROUPED, head_dim=8), {**ROPE, **WINDOWS}),
    "gemma2": (dict(GROUPED, head_dim=8, sliding_window=4), {**ROPE, **WINDOWS}),
    "gemma3_text": (dict(GROUPED, head_dim=8, sliding_window=4), {**ROPE, **WINDOWS}),
    "phi3": (dict(GROUPED, sliding_window=4), {**ROPE, **WINDOWS, "resid_pdrop": [0.1, None], "embd_pdrop": [0.1, None]}),
    "gpt2": (
        dict(vocab_size=260, n_embd=32, n_layer=3, n_head=4, n_positions=128, bos_token_id=1, eos_token_id=2),
        {
            "n_inner": [None, 128], "activation_function": ACTIVATIONS, "scale_attn_weights": [None, True, False],
            "scale_attn_by_inverse_layer_idx": [None, False, True], "reorder_and_upcast_attn": [None, False, True], "n_ctx": [128, None],
            "resid_pdrop": [0.1, None], "embd_pdrop": [0.1], "attn_pdrop": [0.1], "summary_type": ["cls_index", None], "n_positions": [None],
        }),
    "opt": (
        dict(
            vocab_size=260, hidden_size=32, ffn_dim=48, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=128,
            word_embed_proj_dim=32, pad_token_id=1, bos_token_id=2, eos_token_id=2),
        {
            "do_layer_norm_before": [None, True, False], "_remove_final_layer_norm": [None, True, False], "enable_bias": [None, True, False],
            "layer_norm_elementwise_affine": [None, True], "activation_function": ACTIVATIONS, "dropout": [0.1, None], "layerdrop": [0.0, None],
            "word_embed_proj_dim": [None, 32], "ffn_dim": [48, None], "init_std": [0.02, None],
        }),
    "gpt_neox": (
        dict(SIZES),
        {
            **ROPE, "use_parallel_residual": [None, True, False], "rotary_pct": [None, 0.5, 1.0], "rotary_emb_base": [None, 500, 10000],
            "hidden_dropout": [0.1, None], "classifier_dropout": [0.1, None],
        }),
    "bert": (
        dict(SIZES, type_vocab_size=2),
        {
            "type_vocab_size": [None, 2], "classifier_dropout": [None, 0.1], "hidden_dropout_prob": [0.1, None], "attention_probs_dropout_prob": [0.1],
            "gradient_checkpointing": [False, True], "directionality": ["bidi"], "pooler_fc_size": [768],
        }),
    "roberta": (
        dict(SIZES, type_vocab_size=1, pad_token_id=1, max_position_embeddings=130),
        {"type_vocab_size": [None, 1, 2], "pad_token_id": [None, 0, 1, 3], "hidden_dropout_prob": [0.1, None], "classifier_dropout": [None, 0.1]}),
    "distilbert": (
        dict(vocab_size=260, dim=32, n_layers=3, n_heads=4, hidden_dim=48, max_position_embeddings=128, pad_token_id=0),
        {
            "sinusoidal_pos_embds": [None, False, True], "activation": ACTIVATIONS, "qa_dropout": [0.1, None], "seq_classif_dropout": [0.2],
            "dropout": [0.1, None],
        }),
    "mpnet": (
        dict(SIZES, pad_token_id=1, max_position_embeddings=130),
        {"relative_attention_num_buckets": [None, 32, 16], "hidden_dropout_prob": [0.1, None], "attention_probs_dropout_prob": [0.1]}),
    "nomic_bert": (dict(SIZES, type_vocab_size=2), {**ROPE, "type_vocab_size": [None, 2], "hidden_dropout_prob": [0.0, None]}),
    "eurobert": (dict(GROUPED), {**ROPE, "classifier_pooling": ["late", None], "mask_token_id": [None, 2]}),
    "modernbert": (
        dict(SIZES),
        {
            "local_attention": [2, 5, 64], "global_attn_every_n_layers": [1, 2, 4], "global_rope_theta": [500.0, 10000.0],
            "local_rope_theta": [500.0, 10000.0], "rope_parameters": [None, {"full_attention": {"rope_type": "default", "rope_theta": 700.0}}],
            "rope_scaling": [None], "layer_types": [None, ["sliding_attention", "full_attention", "sliding_attention"]],
            "norm_bias": [True, False], "attention_bias": [True, False], "mlp_bias": [True, False], "norm_eps": [1e-3],
            "layer_norm_eps": [1e-5, 1e-3], "hidden_activation": ACTIVATIONS, "classifier_pooling": ["cls", "mean"], "mlp_dropout": [0.1],
            "embedding_dropout": [0.1], "sparse_prediction": [True], "reference_compile": [None, False], "position_embedding_type": ["absolute"],
        }),
    "smollm3": (
        dict(GROUPED),
        {
            **ROPE, **WINDOWS, "no_rope_layers": [None, [1, 0, 1], [0, 0, 0], [1, 1, 1]], "no_rope_layer_interval": [None, 2, 4],
        }),
    "bloom": (
        dict(vocab_size=260, hidden_size=32, n_layer=3, n_head=4),
        {
            "n_embed": [None, 32], "num_attention_heads": [None, 4, 2], "num_hidden_layers": [None, 3], "n_inner": [None, 128, 64],
            "layer_norm_epsilon": [1e-3, None], "apply_residual_connection_post_layernorm": [None, False, True], "slow_but_exact": [True, False],
            "pretraining_tp": [1, 2], "seq_length": [2048, 4], "offset_alibi": [100], "hidden_dropout": [0.1, 0.0], "skip_bias_add": [True, False],
            "attention_softmax_in_fp32": [True], "masked_softmax_fusion": [True], "unk_token_id": [0], "n_head": [2, None],
        }),
    **{family: (dict(LIKE_T5, feed_forward_proj=projection), T5) for family, projection in [("t5", "relu"), ("mt5", "gated-gelu")]},
}
# Of a model with a decoder the encoder alone.
ENCODERS = {"t5": transformers.T5EncoderModel, "mt5": transformers.MT5EncoderModel}


def write_tokenizer(folder):
    """256 bytes and four special tokens, without merges: ids that any family can take."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate(["<pad>", "<s>", "</s>", "<unk>"] + alphabet)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(os.path.join(folder, "tokenizer.json"))
    return tokenizer


def reference(folder, tokenizer):
    """Mean-pooled last hidden states; None where transformers has no model of its own for the folder."""
    kind = json.load(open(os.path.join(folder, "config.json"))).get("model_type")
    model, info = ENCODERS.get(kind, transformers.AutoModel).from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True, attn_implementation="eager")
    unloaded = [key for key in info["missing_keys"] if "inv_freq" not in key and "pooler" not in key]
    if unloaded or info.get("mismatched_keys") or info["unexpected_keys"]:
        return None
    model.eval()
    rows = []
    for text in TEXTS:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.no_grad():
            states = model(input_ids=ids, use_cache=False).last_hidden_state
        rows.append(states[0].mean(0).numpy())
    return np.stack(rows)


def measured(bellm, folder, lines, output, options):
    if os.path.exists(output):
        os.remove(output)
    run = subprocess.run(
        [bellm, "embed", "--model", folder, "--pooling", "mean", "--input", lines, "--output", output, *options],
        capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        return None, (run.stderr.strip().splitlines() or [f"exit code {run.returncode} without a word"])[-1]
    return np.load(output), ""


def in_old_form(config):
    """As version 4 of transformers wrote it: rotary positions at the top, another name of the type, no kinds of layers."""
    rotary = config.pop("rope_parameters", None)
    if isinstance(rotary, dict) and "rope_theta" in rotary:
        config["rope_theta"] = rotary["rope_theta"]
    config.pop("layer_types", None)
    config["torch_dtype"] = config.pop("dtype", "float32")


def vary(random_, config, choices, own):
    """Changes one to four keys: to another value, to null, or away. Returns what was done, in words.

    Half of the times all are the family's own: faults are often of two that belong together.
    """
    changes = []
    keys = sorted(random_.choice([choices, own]))
    for key in random_.sample(keys, min(len(keys), random_.choice([1, 1, 2, 2, 3, 4]))):
        value = random_.choice([MISSING] + choices[key])
        if value is MISSING:
            config.pop(key, None)
            changes.append(f"without {key}")
        else:
            config[key] = value
            changes.append(f"{key}={json.dumps(value)}")
    return changes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bellm")
    parser.add_argument("--variations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--family", choices=sorted(FAMILIES))
    parser.add_argument("--keep", default=None, help="where the folders of faults are kept")
    options = parser.parse_args()
    families = [options.family] if options.family else sorted(FAMILIES)
    print(f"seed {options.seed}, transformers {transformers.__version__}, {options.variations} variations", flush=True)
    counts = {"equal": 0, "refused": 0, "both refuse": 0, "no reference": 0, "different": 0}
    refusals = {}
    with tempfile.TemporaryDirectory() as root:
        lines = os.path.join(root, "lines.txt")
        with open(lines, "w") as file:
            file.write("\n".join(TEXTS) + "\n")
        for family in families:
            sizes, own = FAMILIES[family]
            base = os.path.join(root, family)
            torch.manual_seed(1)
            config = transformers.AutoConfig.for_model(family, **sizes)
            model = ENCODERS[family](config) if family in ENCODERS else transformers.AutoModel.from_config(config)
            for parameter in model.parameters():
                torch.nn.init.normal_(parameter, std=0.3)
            model.save_pretrained(base)
            tokenizer = write_tokenizer(base)
            # Without a name each type has a class that reads the file its own way, and a warning says so.
            with open(os.path.join(base, "tokenizer_config.json"), "w") as file:
                json.dump({"tokenizer_class": "PreTrainedTokenizerFast"}, file)
            bidirectional = ["--bidirectional", "all"] if family == "bert" else []
            original = json.load(open(os.path.join(base, "config.json")))
            choices = {**COMMON, **own}
            random_ = random.Random(f"{options.seed} {family}")
            for number in range(options.variations // len(families)):
                varied = json.loads(json.dumps(original))
                changes = ["as saved"]
                if number > 0:
                    changes = []
                    if random_.random() < 0.5:
                        in_old_form(varied)
                        changes = ["old form"]
                    changes += vary(random_, varied, choices, own)
                with open(os.path.join(base, "config.json"), "w") as file:
                    json.dump(varied, file, indent=1)
                try:
                    wanted = reference(base, tokenizer)
                    failure = "" if wanted is not None else "weights left out"
                except Exception as error:  # whatever transformers says, it is not a model there
                    wanted, failure = None, str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
                found, refusal = measured(options.bellm, base, lines, os.path.join(root, "out.npy"), bidirectional)
                if found is None:
                    counts["both refuse" if wanted is None else "refused"] += 1
                    if wanted is not None:
                        reason = refusal.split("config.json:")[-1]
                        refusals.setdefault(f"{family}: {reason}", []).append(", ".join(changes))
                    continue
                if wanted is None:
                    # What transformers can't load says nothing about what is right; shown, so that it is looked at.
                    counts["no reference"] += 1
                    refusals.setdefault(f"{family}: (embedded, though transformers says: {failure})", []).append(", ".join(changes))
                    continue
                distance = float(np.abs(found - wanted).max()) if found.shape == wanted.shape else float("inf")
                if distance <= TOLERANCE:
                    counts["equal"] += 1
                    continue
                counts["different"] += 1
                print(f"DIFFERENT {family} #{number}: {', '.join(changes)}: {distance:.4g}", flush=True)
                if options.keep:
                    shutil.copytree(base, os.path.join(options.keep, f"{family}-{options.seed}-{number}"), dirs_exist_ok=True)
    for reason, what in sorted(refusals.items(), key=lambda item: -len(item[1])):
        print(f"{len(what):5d}  {reason}  [{what[0]}]")
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    sys.exit(1 if counts["different"] else 0)


if __name__ == "__main__":
    main()
