import Foundation

/// A BERT of one layer with six tokens, as a folder of Hugging Face's has it.
public enum TinyBERT {
    public static let contextLength = 40
    public static let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"]

    /// - Parameter more: members behind the others, from their comma on
    public static func config(_ more: String = "") -> String {
        """
        {"model_type": "bert", "vocab_size": 6, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2,
         "intermediate_size": 4, "max_position_embeddings": \(contextLength), "type_vocab_size": 2\(more)}
        """
    }

    /// `model.safetensors`.
    public static let weights: [UInt8] = {
        var (members, count) = ([String](), 0)
        func add(_ name: String, _ shape: [Int]) {
            let bytes = 4 * shape.reduce(1, *)
            members.append(
                #""\#(name)": {"dtype": "F32", "shape": \#(shape), "data_offsets": [\#(count), \#(count + bytes)]}"#)
            count += bytes
        }
        func addMap(_ name: String) {
            add("\(name).weight", [4, 4])
            add("\(name).bias", [4])
        }
        func addNorm(_ name: String) {
            add("\(name).weight", [4])
            add("\(name).bias", [4])
        }
        for (name, rows) in [("word", vocabulary.count), ("position", contextLength), ("token_type", 2)] {
            add("embeddings.\(name)_embeddings.weight", [rows, 4])
        }
        addNorm("embeddings.LayerNorm")
        let layer = "encoder.layer.0."
        for map in ["query", "key", "value"] { addMap("\(layer)attention.self.\(map)") }
        for map in ["attention.output.dense", "intermediate.dense", "output.dense"] { addMap(layer + map) }
        addNorm(layer + "attention.output.LayerNorm")
        addNorm(layer + "output.LayerNorm")
        let header = Array("{\(members.joined(separator: ", "))}".utf8)
        let values = FormulaNumbers.floats("tiny BERT", count: count / 4, within: 0.5)
        return littleEndian([UInt64(header.count)]) + header + littleEndian(values.map(\.bitPattern))
    }()
}
