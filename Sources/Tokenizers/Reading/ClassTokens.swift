/// The tokens that a class of transformers has for roles of which no file says anything. Versions 4 and 5 of the library
/// find them in texts, whether a `tokenizer.json` lists them or not.
///
/// Source: `tokenization_*.py` of github.com/huggingface/transformers
struct ClassTokens: Sendable {
    /// By role, such as `unk_token`.
    var roles: [String: String] = [:]
    /// Whether the mask token is found as it stands; of other classes it depends on the library's version whether it takes
    /// the space before it.
    var hasPlainMask = false

    init() {}

    /// - Parameter name: a class's, without `Tokenizer` and `Fast`
    init(ofClass name: String) {
        let row = Self.byClass.first { $0.names.split(separator: " ").contains(name[...]) }
        roles = row?.roles ?? [:]
        hasPlainMask = roles["mask_token"] == "[MASK]" && Self.plainMasks.split(separator: " ").contains(name[...])
    }

    private static let berts = "Bert DistilBert Electra MobileBert RetriBert LayoutLM ConvBert SqueezeBert"
    private static let plainMasks = berts + " DebertaV2"

    private static let byClass: [(names: String, roles: [String: String])] = [
        (berts, bert), ("Deberta DebertaV2", framed(bert)), ("MPNet", with(roberta, "unk_token", "[UNK]")),
        ("Roberta Bart Longformer LED Blenderbot XLMRoberta Camembert MBart MBart50 Nllb Barthez", roberta),
        ("XGLM", roberta.filter { $0.key != "mask_token" }),
        // Under each of its roles: a file may name another token for one of them.
        ("GPT2 CodeGen GPTNeoX Qwen2", ["unk_token": "<|endoftext|>", "eos_token": "<|endoftext|>"]),
        ("Llama CodeLlama", ["unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"]),
        ("Gemma", ["unk_token": "<unk>", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"]),
        ("T5 MT5 Pegasus", ["unk_token": "<unk>", "eos_token": "</s>", "pad_token": "<pad>"]),
        ("Reformer", ["unk_token": "<unk>", "eos_token": "</s>"]), ("Albert RemBert", framed(pieces)),
        ("BigBird", with(with(pieces, "bos_token", "<s>"), "eos_token", "</s>")),
        ("XLNet", with(with(roberta, "sep_token", "<sep>"), "cls_token", "<cls>")),
    ]

    private static let bert = [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
    ]
    /// BERT's, on SentencePiece's vocabulary.
    private static let pieces = with(with(bert, "unk_token", "<unk>"), "pad_token", "<pad>")
    private static let roberta = [
        "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
        "pad_token": "<pad>", "mask_token": "<mask>",
    ]

    private static func with(_ roles: [String: String], _ role: String, _ token: String) -> [String: String] {
        roles.merging([role: token]) { $1 }
    }

    private static func framed(_ roles: [String: String]) -> [String: String] {
        with(with(roles, "bos_token", "[CLS]"), "eos_token", "[SEP]")
    }
}
