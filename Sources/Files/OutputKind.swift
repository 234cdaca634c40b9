import Foundation

/// A kind of file that is written, and how one is told from others by its beginning.
public struct OutputKind: Hashable, Sendable {
    /// With its article, as a message says it.
    public let name: String
    private let beginnings: [String]
    /// What is found in the first bytes of each; nil for nothing.
    private let word: String?

    public static let hdf5 = OutputKind(name: "an HDF5 file", beginnings: ["\u{89}HDF\r\n"], word: nil)
    public static let npy = OutputKind(name: "a .npy file", beginnings: ["\u{93}NUMPY"], word: nil)
    public static let jsonLines = OutputKind(name: "JSON lines of embeddings", beginnings: ["{"], word: "\"embedding\"")
    public static let csv = OutputKind(name: "a CSV file of embeddings", beginnings: [""], word: "d0")
    public static let page = OutputKind(name: "a web page", beginnings: ["<"], word: nil)

    public static let drawing = OutputKind(name: "an SVG drawing", beginnings: ["<"], word: "<svg")
    public static let pdf = OutputKind(name: "a PDF file", beginnings: ["%PDF"], word: nil)
    public static let png = OutputKind(name: "a PNG file", beginnings: ["\u{89}PNG"], word: nil)

    public static let safetensors = OutputKind(name: "a safetensors file", beginnings: [""], word: "\"data_offsets\"")
    public static let adapterConfiguration = OutputKind(
        name: "an adapter's configuration", beginnings: ["{"], word: "\"peft_type\"")
    public static let layerConfiguration = OutputKind(
        name: "a dense layer's configuration", beginnings: ["{"], word: "\"in_features\"")

    private static let readBytes = 1 << 16

    /// Whether a file begins as this kind does; true where it can't be read, which is for the writing to say.
    package func isStart(of path: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: Self.readBytes)
        else {
            return true
        }
        // A byte a character, so that no encoding matters.
        let text = String(String.UnicodeScalarView(data.map { Unicode.Scalar($0) }))
        return beginnings.contains { text.unicodeScalars.starts(with: $0.unicodeScalars) }
            && (word.map { text.unicodeScalars.contains($0.unicodeScalars) } ?? true)
    }
}
