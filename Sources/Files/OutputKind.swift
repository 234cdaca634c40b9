import Foundation

/// A kind of file that is written, and how this program's own are told from others by what is in them.
public enum OutputKind: Hashable, Sendable {
    /// Any: whose it is only its attributes say, which the library reads.
    case hdf5
    /// Of float32, whose rows begin at `npyHeaderBytes`.
    case npy
    case jsonLines
    case csv
    case page
    case drawing
    case pdf
    case png
    case safetensors
    case adapterConfiguration
    case layerConfiguration

    /// With its article, as a message says it.
    public var name: String {
        switch self {
        case .hdf5: "an HDF5 file"
        case .npy: "a .npy file of embeddings that bellm wrote"
        case .jsonLines: "JSON lines of embeddings"
        case .csv: "a CSV file of embeddings"
        case .page: "a page that bellm wrote"
        case .drawing: "an SVG drawing that bellm wrote"
        case .pdf: "a PDF file that bellm wrote"
        case .png: "a PNG file that bellm wrote"
        case .safetensors: "a safetensors file"
        case .adapterConfiguration: "an adapter's configuration"
        case .layerConfiguration: "a dense layer's configuration"
        }
    }

    /// The endings of such files' names, without the point.
    public var endings: [String] {
        switch self {
        case .hdf5: ["h5", "hdf5"]
        case .npy: ["npy"]
        case .jsonLines: ["jsonl", "ndjson"]
        case .csv: ["csv"]
        case .page: ["html", "htm", "xhtml"]
        case .drawing: ["svg"]
        case .pdf: ["pdf"]
        case .png: ["png"]
        case .safetensors: ["safetensors"]
        case .adapterConfiguration, .layerConfiguration: ["json"]
        }
    }

    /// What a page and a drawing of this program hold, near their beginning.
    public static let generator = "bellm"
    /// How long the header of its .npy files is. The format has room for no word of its own, but for any number of spaces: others
    /// fill up to the next 64 bytes, and these a page, at which what is mapped into memory begins.
    public static let npyHeaderBytes = 4096
    /// What stands behind the end of its PDF files: a comment.
    private static let pdfMark = "%\(generator) plot\n"
    /// Where a PNG file's first chunk ends.
    private static let pngHeaderBytes = 33
    /// The chunk of text that follows there in its PNG files, with length and check sum.
    /// Source: https://www.w3.org/TR/png-3/#11tEXt
    private static let pngMark = "\u{0}\u{0}\u{0}\u{13}tEXtSoftware\u{0}\(generator) plot\u{D9}\u{A6}\u{8F}\u{FD}"

    /// What a converter wrote, with the program's mark.
    public func marked(_ file: Data) -> Data {
        switch self {
        case .pdf: return file + Self.bytes(Self.pdfMark)
        case .png:
            guard file.count > Self.pngHeaderBytes, Self.text(file.prefix(8)).hasBytes("\u{89}PNG") else { return file }
            return file.prefix(Self.pngHeaderBytes) + Self.bytes(Self.pngMark) + file.dropFirst(Self.pngHeaderBytes)
        default: return file
        }
    }

    /// Headers of thousands of columns, or the beginning of a page.
    private static let readBytes = 1 << 20

    /// Whether a file is of this kind, and as far as that can be told this program's; true where it can't be read, which is for
    /// the writing to say.
    package func isStart(of path: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: Self.readBytes)
        else {
            return true
        }
        let text = Self.text(data)
        return switch self {
        case .hdf5: text.hasBytes("\u{89}HDF\r\n")
        case .npy: Self.isMatrix(text)
        case .jsonLines: Self.isEmbeddingLine(text)
        case .csv: Self.isEmbeddingHeader(text)
        case .page: text.hasBytes("<!DOCTYPE html>") && text.holds("name=\"generator\" content=\"\(Self.generator)\"")
        case .drawing: text.hasBytes("<?xml") && text.holds("<metadata>\(Self.generator) plot</metadata>")
        case .pdf: text.hasBytes("%PDF") && Self.end(of: handle, bytes: Self.pdfMark.count).hasBytes(Self.pdfMark)
        case .png:
            text.hasBytes("\u{89}PNG") && text.dropFirst(Self.pngHeaderBytes).starts(with: Self.pngMark.unicodeScalars)
        case .safetensors: text.holds("\"data_offsets\"")
        case .adapterConfiguration: text.hasBytes("{") && text.holds("\"peft_type\"")
        case .layerConfiguration: text.hasBytes("{") && text.holds("\"in_features\"")
        }
    }

    /// `{…"text": "…", "embedding": […` on the first line.
    private static func isEmbeddingLine(_ text: String.UnicodeScalarView) -> Bool {
        let line = String.UnicodeScalarView(text.prefix { $0 != "\n" })
        return line.hasBytes("{\"") && line.holds("\"text\": \"") && line.holds("\", \"embedding\": [")
    }

    /// `…text,d0,d1,…`, a name for each number.
    private static func isEmbeddingHeader(_ text: String.UnicodeScalarView) -> Bool {
        let line = String(String.UnicodeScalarView(text.prefix { $0 != "\n" && $0 != "\r" }))
        let names = line.split(separator: ",", omittingEmptySubsequences: false)
        guard let start = names.lastIndex(of: "text"), start + 1 < names.count else { return false }
        return names[(start + 1)...].enumerated().allSatisfy { $1 == "d\($0)" }
    }

    /// A header of version 1.0 and of this program's length, which says float32 in rows.
    private static func isMatrix(_ text: String.UnicodeScalarView) -> Bool {
        let line = text.prefix { $0 != "\n" }
        let header = String(String.UnicodeScalarView(line.dropFirst(10)))
        return line.count == npyHeaderBytes - 1 && text.hasBytes("\u{93}NUMPY\u{1}\u{0}")
            && header.wholeMatch(of: /\{'descr': '<f4', 'fortran_order': False, 'shape': \([0-9]+, [0-9]+\), \} */)
                != nil
    }

    private static func end(of handle: FileHandle, bytes count: Int) -> String.UnicodeScalarView {
        guard let size = try? handle.seekToEnd(), size >= count,
            (try? handle.seek(toOffset: size - UInt64(count))) != nil, let data = try? handle.readToEnd()
        else { return String.UnicodeScalarView() }
        return text(data)
    }

    /// A byte a character, so that no encoding matters.
    private static func text(_ data: Data) -> String.UnicodeScalarView {
        String.UnicodeScalarView(data.map { Unicode.Scalar($0) })
    }

    private static func bytes(_ text: String) -> Data { Data(text.unicodeScalars.map { UInt8($0.value) }) }
}

extension String.UnicodeScalarView {
    /// Whether it begins so.
    fileprivate func hasBytes(_ start: String) -> Bool { starts(with: start.unicodeScalars) }
    fileprivate func holds(_ word: String) -> Bool { contains(word.unicodeScalars) }
}
