import Files

// Keys of `config.json` and of GGUF metadata that no hidden state depends on, each with the reason. What is neither read
// nor listed here is refused: a key that is passed over may make the vectors another model's.
extension KeysWithoutEffect {
    /// Of a Hugging Face configuration of any family.
    static let config: KeysWithoutEffect = origin + training + heads + outputs + generation + computation

    private static let origin: KeysWithoutEffect = [
        "architectures": "names the class with its head; the family is model_type",
        "_name_or_path": "where it was saved from", "name_or_path": "where it was saved from",
        "_commit_hash": "where it was saved from", "transformers_version": "what it was saved with",
        "auto_map": "the repository's own code, which transformers runs only with trust_remote_code",
        "transformers.js_config": "for another program", "unsloth_version": "what it was trained with",
        "unsloth_fixed": "what it was trained with", "is_llama_config": "a remark", "model_max_length": "a remark",
        "tokenizer_class": "the tokenizer's files say it", "bos_token": "the tokenizer's files say it",
        "eos_token": "the tokenizer's files say it", "pad_token": "the tokenizer's files say it",
        "mask_token": "the tokenizer's files say it", "unk_token_id": "the tokenizer's files say it",
        "xla_device": "where it was trained",
        "sentence_transformers": "its score's activation: a head's",
        "emb_size": "TinyBERT's, without effect", "structure": "TinyBERT's, without effect",
        "cell": "TinyBERT's, without effect", "pre_trained": "TinyBERT's, without effect",
        "training": "TinyBERT's, without effect",
    ]

    private static let training: KeysWithoutEffect = [
        "initializer_range": "the beginning of a training", "init_std": "the beginning of a training",
        "initializer_factor": "the beginning of a training",
        "attention_dropout": "training only", "hidden_dropout": "training only", "hidden_dropout_prob": "training only",
        "attention_probs_dropout_prob": "training only", "resid_pdrop": "training only", "embd_pdrop": "training only",
        "attn_pdrop": "training only", "dropout": "training only", "activation_dropout": "training only",
        "layerdrop": "training only", "classifier_dropout": "training only", "qa_dropout": "training only",
        "seq_classif_dropout": "training only", "gradient_checkpointing": "training only",
        "embedding_dropout": "training only", "mlp_dropout": "training only",
        "initializer_cutoff_factor": "the beginning of a training", "dropout_rate": "training only",
    ]

    private static let heads: KeysWithoutEffect = [
        "tie_word_embeddings": "the output matrix only", "final_logit_softcapping": "the output matrix only",
        "id2label": "a head's", "label2id": "a head's", "num_labels": "a head's", "problem_type": "a head's",
        "finetuning_task": "a head's", "_num_labels": "a head's", "predict_special_tokens": "a head's",
        "n_special": "a head's", "lm_head_bias": "the output matrix only", "tie_weights_": "the output matrix only",
        "clf_pooling": "a head's", "classifier_pooling": "a head's", "mask_token_id": "a head's",
        "classifier_activation": "a head's", "classifier_bias": "a head's", "decoder_bias": "the output matrix only",
        "sparse_prediction": "the output matrix only", "sparse_pred_ignore_index": "the output matrix only",
        "summary_type": "a head's", "summary_use_proj": "a head's",
        "summary_activation": "a head's", "summary_proj_to_labels": "a head's", "summary_first_dropout": "a head's",
        "pooler_fc_size": "the pooler, which is not read",
        "pooler_num_attention_heads": "the pooler, which is not read",
        "pooler_num_fc_layers": "the pooler, which is not read",
        "pooler_size_per_head": "the pooler, which is not read",
        "pooler_type": "the pooler, which is not read", "directionality": "a remark of multilingual BERT's",
    ]

    private static let outputs: KeysWithoutEffect = [
        "output_attentions": "what a call returns", "output_hidden_states": "what a call returns",
        "return_dict": "what a call returns", "output_past": "what a call returns",
        "torchscript": "what a call returns",
        "use_return_dict": "what a call returns",
    ]

    private static let generation: KeysWithoutEffect = {
        let keys = [
            "use_cache", "cache_implementation", "bos_token_id", "eos_token_id", "eos_token_ids", "sep_token_id",
            "cls_token_id",
            "decoder_start_token_id",
            "forced_bos_token_id", "forced_eos_token_id", "prefix", "max_length", "min_length", "do_sample",
            "num_beams",
            "num_beam_groups", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty",
            "diversity_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids",
            "num_return_sequences", "early_stopping", "suppress_tokens", "begin_suppress_tokens",
            "exponential_decay_length_penalty", "remove_invalid_values", "output_scores", "return_dict_in_generate",
            "task_specific_params",
        ]
        return KeysWithoutEffect(uniqueKeysWithReason: keys, "generating only")
    }()

    private static let computation: KeysWithoutEffect = [
        "torch_dtype": "weights are decoded whatever their type", "dtype": "weights are decoded whatever their type",
        "use_bfloat16": "weights are decoded whatever their type",
        "pad_token_id": "read where something is padded", "chunk_size_feed_forward": "the same numbers in pieces",
        "pretraining_tp": "the same products in pieces", "attn_implementation": "which kernel computes it",
        "_attn_implementation": "which kernel computes it", "_attn_implementation_autoset": "which kernel computes it",
        "_flash_attn_2_enabled": "which kernel computes it", "use_flash_attn": "which kernel computes it",
        "unpad_inputs": "which kernel computes it", "use_memory_efficient_attention": "which kernel computes it",
        "slow_but_exact": "the same products in pieces", "attention_softmax_in_fp32": "transformers doesn't read it",
        "bias_dropout_fusion": "transformers doesn't read it", "masked_softmax_fusion": "transformers doesn't read it",
        "skip_bias_add": "transformers doesn't read it", "skip_bias_add_qkv": "transformers doesn't read it",
        "offset_alibi": "transformers doesn't read it",
        "reorder_and_upcast_attn": "the same numbers in another precision",
        "deterministic_flash_attn": "which kernel computes it", "reference_compile": "which kernel computes it",
        "repad_logits_with_grad": "which kernel computes it",
        "is_decoder": "decoders are causal whatever it says; encoders' families read it",
        "cross_attention_hidden_size": "cross attention is refused",
        "tie_encoder_decoder": "cross attention is refused",
        "num_decoder_layers": "a decoder beside an encoder, which is not read",
        "scale_decoder_outputs": "a decoder beside an encoder, which is not read",
        "pruned_heads": "the tensors' shapes say it", "rope_interleaved": "transformers doesn't read it",
        "_sliding_window_pattern": "transformers doesn't read it",
        "vision_config": "pictures are not read", "mm_tokens_per_image": "pictures are not read",
        "boi_token_index": "pictures are not read", "eoi_token_index": "pictures are not read",
        "image_token_index": "pictures are not read", "vocab_type": "a remark",
        "max_sequence_length": "a remark of LLaMA 1's", "n_ctx": "GPT-2's older n_positions",
    ]
}
