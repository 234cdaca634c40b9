import Foundation
import HDF5

extension HDF5 {
    /// Whether a file has an object, and beside it or on it the program that wrote it, which is this one. Others may be damaged,
    /// which the library wouldn't survive where nothing checks it.
    static func isOwn(_ path: String, object: String) -> Bool {
        guard hasChecksums(path), let file = try? HDF5File(reading: path), (try? file.contains(object)) == true else {
            return false
        }
        let attributes = ["/", object].flatMap { (try? file.attributes(of: $0)) ?? [] }
        return attributes.contains { attribute in
            guard case .text(let text) = attribute.value else { return false }
            return attribute.name == ProvenanceEntry.programKey && text.hasPrefix("bellm ")
        }
    }
}
