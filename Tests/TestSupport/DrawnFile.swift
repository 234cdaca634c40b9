import Foundation

/// What a PNG or a PDF file shows.
public struct DrawnFile {
    public struct Malformed: Error {
        let description: String
    }

    /// In dots, or in points.
    public private(set) var width = 0.0
    public private(set) var height = 0.0
    /// How many dots have a colour, or how often one is chosen; as `#rrggbb`.
    public private(set) var colours: [String: Int] = [:]
    /// Of a PDF, the characters that its glyphs stand for.
    public private(set) var letters: Set<Character> = []
    /// Of a PDF, how many shapes are filled and lines drawn.
    public private(set) var shapes = 0
    /// Of a PNG, the colour of the first dot.
    public private(set) var corner = ""

    public init(png path: String) throws {
        let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func number(at place: Int) -> Int { file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
        guard file.count > 33, file.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
            throw Malformed(description: "no PNG")
        }
        // Eight bits of three or four channels, row by row.
        guard file[24] == 8, [2, 6].contains(file[25]), file[28] == 0 else {
            throw Malformed(description: "depth \(file[24]), colour type \(file[25]), interlace \(file[28])")
        }
        let (columns, rows, channels) = (number(at: 16), number(at: 20), file[25] == 6 ? 4 : 3)
        (width, height) = (Double(columns), Double(rows))
        guard let packed = try Self.inflated(path).first, packed.count == rows * (columns * channels + 1) else {
            throw Malformed(description: "the rows aren't those of its size")
        }
        var counts: [UInt32: Int] = [:]
        var above = [UInt8](repeating: 0, count: columns * channels)
        for row in 0..<rows {
            let start = row * (columns * channels + 1)
            let line = Self.unfiltered(
                packed[(start + 1)..<(start + 1 + columns * channels)], by: packed[start], above: above, step: channels)
            for dot in stride(from: 0, to: line.count, by: channels) {
                counts[UInt32(line[dot]) << 16 | UInt32(line[dot + 1]) << 8 | UInt32(line[dot + 2]), default: 0] += 1
            }
            if row == 0 { corner = Self.name(UInt32(line[0]) << 16 | UInt32(line[1]) << 8 | UInt32(line[2])) }
            above = line
        }
        colours = Dictionary(uniqueKeysWithValues: counts.map { (Self.name($0), $1) })
    }

    public init(pdf path: String) throws {
        let file = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: Unicode.ASCII.self)
        let streams = try Self.inflated(path).map { String(decoding: $0, as: Unicode.ASCII.self) }
        let all = [file] + streams
        guard
            let box = all.lazy.compactMap({ $0.firstMatch(of: /MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)\s*\]/) }).first,
            let width = Double(box.1), let height = Double(box.2)
        else { throw Malformed(description: "a PDF without a page") }
        (self.width, self.height) = (width, height)
        for text in streams {
            // A channel is a share of 1.
            for match in text.matches(of: /([0-9.]+) ([0-9.]+) ([0-9.]+) (?:rg|RG)\b/) {
                let channels = [match.1, match.2, match.3].map { UInt32((255 * (Double($0) ?? 0)).rounded()) }
                colours[Self.name(channels[0] << 16 | channels[1] << 8 | channels[2]), default: 0] += 1
            }
            shapes += text.matches(of: /(?:^|\s)(?:f\*?|S|B\*?)(?=\s)/).count
            guard text.contains("begincmap") else { continue }
            for match in text.matches(of: /<[0-9a-fA-F]+>\s*<([0-9a-fA-F]{4})>/) {
                if let scalar = UInt32(match.1, radix: 16).flatMap(Unicode.Scalar.init) {
                    letters.insert(Character(scalar))
                }
            }
        }
    }

    private static func name(_ colour: UInt32) -> String {
        let digits = String(colour, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The compressed streams of a file, by Python's zlib.
    private static func inflated(_ path: String) throws -> [[UInt8]] {
        let script = """
            import re, sys, zlib
            path = sys.argv[1]
            data = open(path, "rb").read()
            if data[:4] == b"\\x89PNG":
                place, parts = 8, []
                while place < len(data):
                    size = int.from_bytes(data[place:place + 4], "big")
                    if data[place + 4:place + 8] == b"IDAT":
                        parts.append(data[place + 8:place + 8 + size])
                    place += size + 12
                streams = [zlib.decompress(b"".join(parts))]
            else:
                streams = []
                for match in re.finditer(rb"stream\\r?\\n", data):
                    try:
                        streams.append(zlib.decompressobj().decompress(data[match.end():]))
                    except zlib.error:
                        pass
            for number, stream in enumerate(streams):
                open(f"{path}.{number}", "wb").write(stream)
            print(len(streams))
            """
        let printed = try Python.run(script, path)
        guard let count = Int(printed.split(separator: "\n").first ?? "") else { throw Malformed(description: printed) }
        return try (0..<count).map { number in
            let name = "\(path).\(number)"
            defer { try? FileManager.default.removeItem(atPath: name) }
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: name)))
        }
    }

    /// Source: https://www.w3.org/TR/png-3/#9Filters
    private static func unfiltered(_ line: ArraySlice<UInt8>, by filter: UInt8, above: [UInt8], step: Int) -> [UInt8] {
        var line = Array(line)
        for place in line.indices {
            let left = place < step ? 0 : Int(line[place - step])
            let (up, corner) = (Int(above[place]), place < step ? 0 : Int(above[place - step]))
            let added: Int
            switch filter {
            case 1: added = left
            case 2: added = up
            case 3: added = (left + up) / 2
            case 4:
                let estimate = left + up - corner
                let (toLeft, toUp, toCorner) = (abs(estimate - left), abs(estimate - up), abs(estimate - corner))
                added = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
            default: added = 0
            }
            line[place] = UInt8(truncatingIfNeeded: Int(line[place]) + added)
        }
        return line
    }
}
