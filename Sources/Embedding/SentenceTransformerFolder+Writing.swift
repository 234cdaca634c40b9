import Files

/// The library's files beside those of a backbone and its tokenizer, as its version 6.2 reads them, and earlier ones too: with the
/// names that the modules and their settings had before it.
extension SentenceTransformerFolder {
    private static let poolingFolder = "1_Pooling"

    /// Writes which modules there are, and the settings and weights of those behind the backbone.
    static func write(
        pooling: Pooling, head: Head?, isNormalised: Bool, hiddenSize: Int, to folder: String
    ) throws {
        let layers = head?.shape.layers.count ?? 0
        var modules = [("", "Transformer"), (poolingFolder, "Pooling")]
        modules += (0..<layers).map { ("\($0 + 2)_Dense", "Dense") }
        if isNormalised { modules.append(("\(layers + 2)_Normalize", "Normalize")) }
        let list = modules.enumerated().map { index, module in
            JSONText.object([
                ("idx", "\(index)"), ("name", "\"\(index)\""), ("path", JSONText.quoted(module.0)),
                ("type", JSONText.quoted("sentence_transformers.models.\(module.1)")),
            ])
        }
        try AtomicFile.replace(
            FilePath.join(folder, "modules.json"), with: "[\n\(list.joined(separator: ",\n"))]\n")
        let modes = poolings.map { (key: $0.key, value: "\($0.pooling == pooling)") }
        try AtomicFile.replace(
            FilePath.join(folder, poolingFolder + "/config.json"),
            with: JSONText.object(
                [("word_embedding_dimension", "\(hiddenSize)")] + modes + [("include_prompt", "true")]))
        try head?.write(in: folder)
    }

    /// Writes the prompts, of which that of sentences is the default, and the longest text.
    ///
    /// - Parameter prompts: by role, the sentences' first where there is one
    static func write(prompts: [(name: String, text: String)], maximumLength: Int, to folder: String) throws {
        let named = prompts.contains { !$0.text.isEmpty } ? prompts : []
        let standard = named.first { $0.name == TextRole.sentence.description && !$0.text.isEmpty }
        let texts = JSONText.object(named.map { ($0.name, JSONText.quoted($0.text)) })
        try AtomicFile.replace(
            FilePath.join(folder, "config_sentence_transformers.json"),
            with: JSONText.object([
                ("model_type", "\"SentenceTransformer\""), ("prompts", named.isEmpty ? "{}" : texts),
                ("default_prompt_name", standard.map { JSONText.quoted($0.name) } ?? "null"),
                ("similarity_fn_name", "\"cosine\""),
            ]))
        try AtomicFile.replace(
            FilePath.join(folder, transformerNames[0]),
            with: JSONText.object([("max_seq_length", "\(maximumLength)"), ("do_lower_case", "false")]))
    }
}
