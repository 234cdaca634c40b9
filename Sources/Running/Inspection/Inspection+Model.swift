import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Specification
import Weights

extension Inspection {
    /// A backbone's file or folder: architecture, sizes, settings, tensors, digests. Nothing is decoded.
    ///
    /// A model of an architecture that isn't supported is shown too, and one with keys that aren't known, and says so.
    /// - Throws: where there is no model, or its file is damaged.
    public init(model: ModelReference) throws {
        let path = try model.existingFile()
        if WordVectorFile.isOne(path) {
            add(try WordVectorFile(path))
            return
        }
        let seen = SeenKeys(ignoring: model.ignoredKeys)
        try add(path, seen)
        remarks.insert(contentsOf: seen.refusals.map { "cannot be used: \($0)" }, at: 0)
    }
}

extension Inspection {
    private mutating func add(_ path: String, _ seen: SeenKeys) throws {
        let library =
            SentenceTransformerFolder.isOne(path)
            ? try SentenceTransformerFolder(path, ignoring: seen.policy) : nil
        if let library, library.isStatic {
            add("path", path)
            add(try TokenVectorFile(inFolder: library.backboneFolder))
            try add(library, of: path, ignoring: seen.policy)
            tables.append(Table(seen.files(of: path), in: path))
            return
        }
        let checkpoint = try Checkpoint(path: library?.backboneFolder ?? path, ignoring: seen.policy)
        add("path", path)
        add("format", try checkpoint.formatName)
        add("architecture", try checkpoint.architecture())
        do {
            let shape = try checkpoint.shape()
            add("layers", shape.layerCount)
            add("hidden size", shape.hiddenSize)
            add("context length", shape.contextLength)
            add("vocabulary", shape.vocabularySize)
            add("key-value columns", shape.keyValueColumns)
            add("weights per layer", shape.weightsPerLayer)
            add("attention", shape.isEncoder ? "both directions (an encoder)" : "causal, or as an attention plan says")
        } catch let error as Diagnostic {
            remarks.append("cannot be used: \(error)")
        }
        do {
            _ = try checkpoint.tokenizer()
        } catch let error as Diagnostic {
            remarks.append("its tokenizer cannot be used: \(error)")
        }
        try library.map { try add($0, of: path, ignoring: seen.policy) }
        let tensors = checkpoint.tensors.names.compactMap(checkpoint.tensors.tensorIfPresent)
        add("tensors", tensors.count)
        add("parameters", tensors.reduce(0) { $0 + $1.count })
        add("bytes", checkpoint.tensors.fileBytes)
        for (name, value) in try checkpoint.settings { add(name, value) }
        for file in checkpoint.tensors.files { add("SHA-256 of \(Self.name(file.path))", file.sha256().description) }
        add("SHA-256 in results", checkpoint.sha256().description)
        tables += [Table(seen.files(of: path), in: path), Table(tensors)]
    }

    private mutating func add(_ file: WordVectorFile) {
        add("path", file.file.path)
        add("format", file.isBinary ? "word vectors, word2vec's binary format" : "word vectors, text")
        add("words", file.words.count - file.repeatedCount)
        if file.repeatedCount > 0 { add("repeated words left out", file.repeatedCount) }
        add("dimensions", file.dimensions)
        add("bytes", file.file.count)
        add("SHA-256 in results", file.file.sha256().description)
    }

    private mutating func add(_ file: TokenVectorFile) {
        add("format", "static embeddings, a vector for each token")
        add("tokens", file.count)
        add("dimensions", file.dimensions)
        add("bytes", file.fileBytes)
        add("SHA-256 in results", file.sha256().description)
    }

    /// What the sentence-transformers library does with a backbone.
    private mutating func add(_ library: SentenceTransformerFolder, of path: String, ignoring keys: KeyPolicy) throws {
        do {
            let method = try PretrainedModel(path: path, ignoring: keys).ownMethod()
            add("sentence-transformers", method?.description ?? "none")
        } catch let error as Diagnostic {
            remarks.append("no method of its own: \(error.message)")
        }
        if let length = library.maximumLength { add("cut at", length) }
        for prompt in library.prompts { add("prompt \(prompt.name)", JSONText.quoted(prompt.text)) }
    }
}

extension Inspection {
    private static func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
}

extension Inspection.Table {
    /// Names, shapes, types and sizes.
    init(_ tensors: [StoredTensor]) {
        self.init(
            name: "tensor table", columns: ["tensor", "shape", "type", "bytes"],
            rows: tensors.map { tensor in
                [
                    .text(tensor.name), .integers(tensor.shape), .text(tensor.type.description),
                    .integer(tensor.byteRange.count),
                ]
            })
    }
}

extension Checkpoint {
    fileprivate var formatName: String {
        get throws {
            switch description {
            case .gguf(let metadata):
                let type = try metadata.integerIfPresent("general.file_type").map { ", file type \($0)" } ?? ""
                return "GGUF" + type
            case .huggingFace:
                return "Hugging Face folder, safetensors in \(tensors.files.count) "
                    + (tensors.files.count == 1 ? "file" : "files")
            }
        }
    }

    /// What the file says of itself besides its tokenizer, as it says it: rotary positions among it.
    fileprivate var settings: [(name: String, value: Inspection.Value)] {
        get throws {
            switch description {
            case .gguf(let metadata):
                return try metadata.keys.filter { !$0.hasPrefix("tokenizer.") }.map {
                    ($0, Inspection.Value(try metadata.value($0)))
                }
            case .huggingFace(let config):
                return config.members.map { ($0.key, .text(Self.shortened($0.value.text))) }
            }
        }
    }

    private static func shortened(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ").beginning(200)
    }
}

extension Inspection.Value {
    fileprivate init(_ value: GGUFValue) {
        switch value {
        case .integer(let number): self = .integer(Int(number))
        case .large(let number): self = .text(String(number))
        case .number(let number): self = .number(number)
        case .flag(let flag): self = .flag(flag)
        case .string(let text): self = .text(text.beginning(200))
        case .array(let list): self = .text("a list of \(list.count)")
        }
    }
}
