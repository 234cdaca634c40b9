import Diagnostics
import Files
import Foundation

/// A tokenizer's files in a folder, written for transformers from those of a model's folder, or from what a GGUF file says.
public enum TokenizerFolder {
    private static let fileName = "tokenizer.json"
    private static let configName = "tokenizer_config.json"
    /// Those that are copied as they are where they are there.
    private static let otherNames = [
        "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model",
        "spiece.model", "sentencepiece.bpe.model", "chat_template.jinja",
    ]
    /// transformers' class that takes a `tokenizer.json` as it is.
    private static let plainClass = "PreTrainedTokenizerFast"

    /// - Parameters:
    ///   - tokenizer: as it was read
    ///   - source: the folder that it was read from; nil for a GGUF file
    /// - Throws: where the tokenizer is of a kind that can't be written, or its files can't say the changes.
    public static func write(
        _ tokenizer: any Tokenizer, from source: String?, changes: TokenizerChanges, to folder: String
    ) throws {
        func path(_ name: String) -> String { FilePath.join(folder, name) }
        guard let source else {
            guard let bytes = tokenizer as? ByteLevelBPE else {
                throw Diagnostic(
                    "a GGUF file's tokenizer of the kind \(tokenizer.summary.kind) is not written for transformers; "
                        + "expected byte-level BPE",
                    suggestion: "export from the model's folder in Hugging Face's layout")
            }
            try AtomicFile.replace(path(fileName), with: bytes.json(changes))
            var plain = changes
            plain.leavesClass = true
            return try AtomicFile.replace(path(configName), with: config(of: tokenizer, nil, plain))
        }
        func existing(_ name: String) -> String? {
            let path = FilePath.join(source, name)
            return FileManager.default.fileExists(atPath: path) ? path : nil
        }
        for name in otherNames {
            if let file = existing(name) { try copy(file, to: path(name)) }
        }
        if let file = existing(fileName), changes.keepsFile {
            try copy(file, to: path(fileName))
        } else if let file = existing(fileName) {
            try AtomicFile.replace(path(fileName), with: changed(file, tokenizer, changes))
        } else if !changes.keepsFile {
            throw Diagnostic(
                "expected a tokenizer.json, the one file that says what is done to a text: the run's normaliser or what stands "
                    + "behind the sentence would be lost", at: SourceLocation(file: source))
        }
        let config = try existing(configName).map { try JSONDocument(path: $0).root }
        try AtomicFile.replace(path(configName), with: self.config(of: tokenizer, config, changes))
    }

    private static func copy(_ file: String, to path: String) throws {
        let bytes = try TextFile.bytes(of: file)
        try AtomicFile.replace(path) { temporary in
            do {
                try Data(bytes).write(to: URL(fileURLWithPath: temporary))
            } catch {
                throw Diagnostic.system("cannot write", path, error)
            }
        }
    }

    private static func changed(
        _ file: String, _ tokenizer: any Tokenizer, _ changes: TokenizerChanges
    ) throws -> String {
        let root = try JSONDocument(path: file).root
        var members = root.members.map { (key: $0.key, value: $0.value.text) }
        func set(_ key: String, _ value: String) {
            let place = members.firstIndex { $0.key == key } ?? members.endIndex
            members.replaceSubrange(place..<min(place + 1, members.endIndex), with: [(key, value)])
        }
        if !changes.replacements.isEmpty {
            set("normalizer", changes.normalizer(before: root["normalizer"]?.text))
        }
        if !changes.behind.isEmpty {
            set("post_processor", try changes.postProcessor(tokenizer.frame) { try tokenizer.decode([$0]) })
        }
        return JSONText.object(members)
    }

    /// - Parameter own: what the model's folder says; nil for nothing
    private static func config(
        of tokenizer: any Tokenizer, _ own: JSONNode?, _ changes: TokenizerChanges
    ) throws -> String {
        var dropped: Set = ["name_or_path", "special_tokens_map_file", "tokenizer_file", "auto_map", "max_len"]
        // What BERT's classes make of a tokenizer.json that says the same; the plain one takes it as it is.
        if changes.leavesClass { dropped.formUnion(["do_lower_case", "strip_accents", "tokenize_chinese_chars"]) }
        var members = (own?.members ?? []).filter { !dropped.contains($0.key) }.map {
            (key: $0.key, value: $0.value.text)
        }
        func set(_ key: String, _ value: String) {
            members.removeAll { $0.key == key }
            members.append((key, value))
        }
        if changes.leavesClass { set("tokenizer_class", JSONText.quoted(plainClass)) }
        if own == nil { set("clean_up_tokenization_spaces", "false") }
        if let padding = changes.paddingToken, own?["pad_token"] == nil {
            set("pad_token", JSONText.quoted(try tokenizer.decode([padding])))
        }
        set("model_max_length", "\(changes.maximumLength)")
        return JSONText.object(members)
    }
}
