import Diagnostics
import Files
import Foundation
import Numerics
import Weights

/// Heads as sentence-transformers stores them: a folder `2_Dense`, `3_Dense`, … for each layer, with `config.json` and
/// `model.safetensors`, numbered from behind its `1_Pooling`.
/// Source: https://sbert.net/docs/package_reference/sentence_transformer/models.html, class `Dense`
extension Head {
    private static let configName = "config.json"
    private static let weightsName = "model.safetensors"
    private static let weightName = "linear.weight"
    private static let biasName = "linear.bias"
    private static let residualName = "residual.weight"
    private static let firstNumber = 2

    private static func path(_ number: Int, in folder: String) -> String {
        FilePath.join(folder, "\(number + firstNumber)_Dense")
    }

    /// The folders of a head's layers in their order; none where the folder has no head.
    ///
    /// - Throws: where one is missing before another, or the folder can't be listed: an adapter without its head would
    ///   give other embeddings.
    private static func layerFolders(in folder: String) throws(Diagnostic) -> [String] {
        let names = try FilePath.names(in: folder)
        let numbers = names.compactMap { $0.wholeMatch(of: /(\d{1,9})_Dense/).flatMap { Int($0.1) } }.sorted()
        for (index, number) in numbers.enumerated() where number != index + firstNumber {
            throw Diagnostic(
                "expected the layers of a head to be numbered from \(firstNumber)_Dense on, found \(number)_Dense",
                at: SourceLocation(file: folder))
        }
        return numbers.indices.map { path($0, in: folder) }
    }

    /// The shape of the head in a folder; nil where there is none. Weights aren't read.
    ///
    /// - Throws: where a layer's configuration is damaged or unknown, or two layers don't fit each other.
    public static func shape(in folder: String) throws -> HeadShape? {
        try shape(of: layerFolders(in: folder).map(Module.dense))
    }

    /// A step of a head, and the folder where its settings and numbers are, where it has any.
    enum Module: Hashable, Sendable {
        case dense(String)
        case norm(String)
        case unitLength
        case cut(to: Int)

        /// A line that is another one for another step.
        fileprivate func digest() throws -> [String] {
            switch self {
            case .unitLength: return ["unit length"]
            case .cut(let count): return ["cut to \(count)"]
            case .dense(let folder), .norm(let folder):
                // What isn't there is missed where the head is read: a backbone is known without it.
                let files = [weightsName, configName].map { FilePath.join(folder, $0) }
                    .filter { FileManager.default.fileExists(atPath: $0) }
                return try files.map { try MappedFile($0).sha256().description }
            }
        }
    }

    /// The shape of the head that is made of these; nil where there are none, or none changes anything.
    ///
    /// - Parameter pooled: how wide the states are that the first one gets, where that isn't a dense one
    static func shape(of modules: [Module], pooled: Int? = nil) throws -> HeadShape? {
        var layers: [HeadLayer] = []
        for module in modules {
            let width = layers.last?.outputs
            switch module {
            case .dense(let folder):
                let path = FilePath.join(folder, configName)
                let layer = try DenseLayer(configuration: path)
                try check(layer.inputs, "in_features", follows: width, in: path)
                layers.append(.dense(layer))
            case .norm(let folder):
                let path = FilePath.join(folder, configName)
                let dimension = try normWidth(path)
                try check(dimension, "dimension", follows: width, in: path)
                layers.append(.norm(width: dimension))
            case .unitLength:
                guard let width = width ?? pooled else { throw unknownWidth }
                layers.append(.unitLength(width: width))
            case .cut(let count):
                guard let width = width ?? pooled else { throw unknownWidth }
                if count < width { layers.append(.cut(width: width, to: count)) }
            }
        }
        return layers.isEmpty ? nil : HeadShape(layers)
    }

    private static let unknownWidth = Diagnostic("expected word_embedding_dimension in the Pooling's config.json")

    private static func check(
        _ found: Int, _ key: String, follows width: Int?, in path: String
    ) throws(Diagnostic) {
        guard let width, found != width else { return }
        throw Diagnostic(
            "expected \(key) \(width), which the layer before gives, found \(found)", at: SourceLocation(file: path))
    }

    private static func normWidth(_ path: String) throws -> Int {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Diagnostic("expected a config.json of a LayerNorm", at: SourceLocation(file: path))
        }
        let root = try JSONDocument(path: path).root
        for member in root.members where member.key != "dimension" {
            throw member.value.error("the setting \"\(member.key)\" of a LayerNorm is not known here")
        }
        let node = try root.required("dimension")
        return try DenseLayer.widths.check(node.integer(), at: node.error("").location)
    }

    /// Reads the head in a folder.
    ///
    /// - Returns: nil where there is none.
    /// - Throws: where a file is missing or damaged, or says what isn't known here.
    public static func read(in folder: String) throws -> Head? {
        try read(layerFolders(in: folder).map(Module.dense))
    }

    /// Reads the head that is made of these; nil where ``shape(of:pooled:)`` is.
    static func read(_ modules: [Module], pooled: Int? = nil) throws -> Head? {
        guard let shape = try shape(of: modules, pooled: pooled) else { return nil }
        let values = Matrix(rows: 1, columns: shape.parameterCount)
        // A cut that cuts nothing is the last and has no numbers.
        for (module, (layer, offset)) in zip(modules, zip(shape.layers, shape.offsets)) {
            guard layer.parameterCount > 0 else { continue }
            let numbers = try numbers(of: module, layer)
            values.view(from: offset, rows: 1, columns: layer.parameterCount).assign(row: 0, from: numbers)
        }
        return Head(shape, values: FrozenMatrix(freezing: values))
    }

    private static func numbers(of module: Module, _ layer: HeadLayer) throws -> [Float] {
        switch (module, layer) {
        case (.dense(let folder), .dense(let layer)):
            let shape = [layer.outputs, layer.inputs]
            return try numbers(
                of: "Dense", in: folder,
                [(weightName, shape)] + (layer.hasBias ? [(biasName, [layer.outputs])] : [])
                    + (layer.residual == .map ? [(residualName, shape)] : []))
        case (.norm(let folder), .norm(let width)):
            return try numbers(of: "LayerNorm", in: folder, [("norm.weight", [width]), ("norm.bias", [width])])
        default: return []
        }
    }

    private static func numbers(
        of kind: String, in folder: String, _ tensors: [(name: String, shape: [Int])]
    ) throws -> [Float] {
        let file = try SafetensorsFile(FilePath.join(folder, weightsName))
        var expected = TensorExpectations(of: kind)
        for (name, shape) in tensors { expected.require(name, shape) }
        try expected.check(file)
        return try tensors.flatMap { try file.tensor(named: $0.name).decoded() }
    }

    /// The files that `write` makes.
    public static func files(_ shape: HeadShape, in folder: String) -> [PlannedFile] {
        shape.layers.indices.flatMap { index in
            [(weightsName, OutputKind.safetensors), (configName, .layerConfiguration)].map { name, kind in
                PlannedFile(FilePath.join(path(index, in: folder), name), kind)
            }
        }
    }

    /// - Parameter shape: of what is to be written there; nil for no head
    /// - Throws: where the folder has layers that writing would leave.
    static func checkRoom(for shape: HeadShape?, in folder: String) throws(Diagnostic) {
        let layers = try layerFolders(in: folder).dropFirst(shape?.layers.count ?? 0)
        guard let left = layers.first else { return }
        throw Diagnostic(
            "the folder has a layer of another adapter's head", at: SourceLocation(file: left),
            suggestion: "delete it, or name another folder")
    }

    /// The digest of a folder's head, its settings and numbers; nil where there is none.
    static func sha256(in folder: String) throws -> SHA256Digest? {
        try sha256(of: layerFolders(in: folder).map(Module.dense))
    }

    /// That of the head that is made of these; nil where there are none.
    static func sha256(of modules: [Module]) throws -> SHA256Digest? {
        guard !modules.isEmpty else { return nil }
        return SHA256Digest(of: try modules.flatMap { try $0.digest() }.joined(separator: "\n"))
    }

    /// Writes each layer's folder.
    ///
    /// - Throws: where a layer is of a kind that is read alone
    public func write(in folder: String) throws {
        let numbers = values.array(row: 0)
        for (index, (step, offset)) in zip(shape.layers, shape.offsets).enumerated() {
            // What is trained here is made of these alone.
            guard case .dense(let layer) = step, layer.residual == .none else {
                throw Diagnostic("the head \(shape.title) can't be written: only dense layers without a residual are")
            }
            let path = Self.path(index, in: folder)
            try AtomicFile.createFolder(path)
            var writer = SafetensorsWriter(metadata: ["format": "pt"])
            let bias = offset + layer.weightCount
            writer.add(
                .init(Self.weightName, shape: [layer.outputs, layer.inputs], values: Array(numbers[offset..<bias])))
            if layer.hasBias {
                writer.add(
                    .init(Self.biasName, shape: [layer.outputs], values: Array(numbers[bias..<bias + layer.outputs])))
            }
            try writer.write(to: FilePath.join(path, Self.weightsName))
            try OutputDestination(FilePath.join(path, Self.configName)).replace(with: layer.configuration)
        }
    }
}

extension DenseLayer {
    fileprivate static let widths = NumberRange("a dense layer's width", 1...65_536)

    /// Reads a `Dense`'s config.json.
    ///
    /// - Throws: where it is damaged, or has a key or an activation that isn't known here.
    fileprivate init(configuration path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Diagnostic("expected a config.json of a Dense", at: SourceLocation(file: path))
        }
        let root = try JSONDocument(path: path).root
        let known = [
            "in_features", "out_features", "bias", "activation_function", "module_input_name", "module_output_name",
            "use_residual",
        ]
        for member in root.members where !known.contains(member.key) {
            throw member.value.error("the setting \"\(member.key)\" of a Dense is not known here")
        }
        func width(_ key: String) throws -> Int {
            let node = try root.required(key)
            return try Self.widths.check(node.integer(), at: node.error("").location)
        }
        let hasResidual = try root["use_residual"]?.flag() ?? false
        // Newer files name what it reads and writes; only the embedding is known here. Null is what it reads.
        if let node = root.member("module_input_name"), node.isNull { throw node.expected("\"sentence_embedding\"") }
        for key in ["module_input_name", "module_output_name"] {
            guard let node = root[key] else { continue }
            guard try node.string() == "sentence_embedding" else { throw node.expected("\"sentence_embedding\"") }
        }
        // Null is none to the library, which stops there.
        let name = try root.member("activation_function")?.string() ?? HeadActivation.tanh.torchName
        guard let activation = HeadActivation(torchName: name) else {
            throw Diagnostic.unknown(
                "activation", name, among: HeadActivation.allCases.map(\.torchName),
                at: root["activation_function"]?.error("").location)
        }
        self.init(
            inputs: try width("in_features"), outputs: try width("out_features"),
            hasBias: try root.member("bias").map { try !$0.isNull && $0.flag() } ?? true, activation: activation)
        if hasResidual { residual = inputs == outputs ? .input : .map }
    }

    /// What `init(configuration:)` reads, as sentence-transformers writes it.
    fileprivate var configuration: String {
        """
        {
            "in_features": \(inputs),
            "out_features": \(outputs),
            "bias": \(hasBias),
            "activation_function": \(JSONText.quoted(activation.torchName))
        }

        """
    }
}
