/// Which class of transformers 5 reads a folder's tokenizer: the one that a file names, unless the library knows better for
/// the model's type.
///
/// Source: transformers 5.23, `AutoTokenizer.from_pretrained` and `TOKENIZER_MAPPING_NAMES`.
enum RebuiltClass {
    /// The class of a `model_type`, without `Tokenizer`; "" where the library takes the file as it is.
    private static let byModel: [String: String] = {
        let names = [
            "Llama": "llama idefics", "Qwen2": "qwen2 qwen3 qwen2_moe qwen3_moe qwen2_vl qwen2_5_vl qwen3_next",
            "Gemma": "gemma gemma2 gemma3 gemma3_text gemma3n gemma3n_text t5gemma recurrent_gemma",
            "GPT2": "gpt2 opt phi gpt_neo gptj codegen starcoder2 dbrx",
            "GPTNeoX": "gpt_neox mpt mamba mamba2 olmo olmoe",
            "Bert": "bert distilbert nomic_bert electra convbert layoutlm squeezebert megatron-bert nezha",
            "MPNet": "mpnet", "MobileBert": "mobilebert",
            "Roberta": "roberta bart longformer roberta-prelayernorm data2vec-text ibert",
            "XLMRoberta": "xlm-roberta gte jina_embeddings_v3 xmod", "Camembert": "camembert",
            "T5": "t5 mt5 switch_transformers", "Albert": "albert", "Deberta": "deberta", "DebertaV2": "deberta-v2",
            "XLNet": "xlnet", "Cohere": "cohere cohere2", "BigBird": "big_bird", "RemBert": "rembert",
            "CodeLlama": "code_llama",
            "":
                "mistral mistral3 mixtral ministral ministral3 phi3 phimoe modernbert granite granitemoe olmo2 olmo3 glm glm4 "
                + "stablelm gpt_bigcode xlm-roberta-xl umt5 nystromformer",
        ]
        let pairs = names.flatMap { name, types in types.split(separator: " ").map { (String($0), name) } }
        return Dictionary(pairs) { first, _ in first }
    }()

    /// Types of whose files the library doesn't believe the class that they name.
    private static let disbelieved: Set = ["qwen2", "phi3", "phimoe", "modernbert"]

    /// - Parameters:
    ///   - name: of the class that a file names, without `Fast`
    ///   - modelType: of `config.json`
    /// - Returns: a class's name, without `Fast`; nil where the library takes the file as it is.
    static func chosen(name: String?, modelType: String?) -> String? {
        let registered = modelType.flatMap { byModel[$0] }.map { $0.isEmpty ? "" : $0 + "Tokenizer" }
        guard let name else { return registered == "" ? nil : registered }
        guard let registered, registered != name else { return name }
        if registered.isEmpty { return nil }
        return modelType.map(disbelieved.contains) == true ? registered : name
    }
}
