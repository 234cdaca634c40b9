import Diagnostics
import Files

/// What a class of transformers does beside reading its tokenizer's file: which keys of `tokenizer_config.json` it looks at.
enum TokenizerClass: Sendable {
    /// Lower-casing, accents and Chinese characters are the configuration's, whatever `tokenizer.json` says.
    case bert
    /// GPT-2's bytes: `add_prefix_space` is the configuration's, and false where it says nothing.
    case bytes
    /// `<s>` in front, unless the configuration says otherwise.
    case llama
    /// As LLaMA's, without a space in front.
    case gemma
    /// `</s>` behind.
    case t5
    /// Lower-casing is said by both files, and versions of the library follow either.
    case lowering
    /// All stands in its file.
    case plain

    private static let byName: [String: TokenizerClass] = {
        let names: [(TokenizerClass, String)] = [
            (.bert, "Bert DistilBert MPNet Electra MobileBert RetriBert LayoutLM ConvBert SqueezeBert"),
            (.bytes, "GPT2 Roberta Bart Longformer LED Deberta GPTNeoX CodeGen Blenderbot"),
            (.llama, "Llama CodeLlama"), (.gemma, "Gemma"), (.t5, "T5 MT5"),
            (.lowering, "Albert DebertaV2 XLNet"),
            (
                .plain,
                "Qwen2 XLMRoberta Camembert BigBird RemBert MBart MBart50 Nllb Bloom Cohere Barthez "
                    + "Pegasus XGLM Reformer PreTrained ModernBert"
            ),
        ]
        let pairs = names.flatMap { kind, names in names.split(separator: " ").map { ("\($0)Tokenizer", kind) } }
        return Dictionary(pairs + [("TokenizersBackend", .plain)]) { $1 }
    }()

    /// The class that transformers takes for a `model_type` where no file names one, without `Tokenizer`.
    private static let byModel: [String: String] = [
        "bert": "Bert", "distilbert": "DistilBert", "mpnet": "MPNet", "electra": "Electra", "nomic_bert": "Bert",
        "gpt2": "GPT2", "roberta": "Roberta", "opt": "GPT2", "gpt_neox": "GPTNeoX", "llama": "Llama",
        "mistral": "Llama",
        "gemma": "Gemma", "gemma2": "Gemma", "gemma3_text": "Gemma", "gemma3": "Gemma", "t5": "T5", "mt5": "MT5",
    ]

    /// - Parameter name: a class's, with or without `Fast`
    /// - Throws: where the library has no such class, or its rules aren't known here.
    init(_ name: JSONNode) throws {
        let text = try Self.slowName(name)
        guard let known = Self.byName[text] else {
            let nearest = nearestName(to: text, among: Self.byName.keys.sorted())
            throw name.error(
                "the class \"\(try name.string())\" is not known here, nor what it does to a text",
                suggestion: nearest.map { "the nearest is \"\($0)\"" })
        }
        self = known
    }

    init(modelType: String?) {
        self = modelType.flatMap { Self.byModel[$0] }.flatMap { Self.byName[$0 + "Tokenizer"] } ?? .plain
    }

    /// A class's name without `Fast`.
    static func slowName(_ name: JSONNode) throws -> String {
        let text = try name.string()
        return text.hasSuffix("Fast") ? String(text.dropLast(4)) : text
    }

    /// The tokens of the class that is named, else of the one that a model's type implies.
    static func tokens(_ name: JSONNode?, modelType: String?) throws -> ClassTokens {
        guard let name else {
            return modelType.flatMap { byModel[$0] }.map(ClassTokens.init(ofClass:)) ?? ClassTokens()
        }
        return ClassTokens(ofClass: try slowName(name).replacing("Tokenizer", with: ""))
    }
}
