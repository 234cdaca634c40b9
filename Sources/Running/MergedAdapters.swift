import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Specification

/// Adapters that are made of others: kept in the cache, each by what it is made of, for it takes no time to make them.
enum MergedAdapters {
    /// The folder of the one that is meant, which is made where it isn't there.
    ///
    /// - Throws: where one of its sources is missing, has a head, or was made for another model
    static func folder(
        of sources: [AdapterReference], _ merge: AdapterMerge, model: PretrainedModel, in cache: CacheFolder,
        at location: SourceLocation?
    ) throws -> String {
        let folders = try sources.compactMap { try $0.existingFolder(at: location).map(AdapterFolder.init) }
        guard let modules = model.modules else {
            throw Diagnostic("word vectors take no adapter", at: location)
        }
        let digests = try folders.map { try $0.sha256().description }
        let digest = SHA256Digest(
            of: """
                bellm merged adapter, version 1
                \(digests.joined(separator: " "))
                \(merge.method.rawValue) \(merge.weights) \(merge.scale)\(merge.further)
                \(modules)
                """)
        let merged = AdapterFolder(cache.file("adapters/merged-\(digest.description.prefix(24))"))
        // A damaged one is made again, which takes no time.
        if merged.isSealed, (try? FileSums.check(merged.path)) != nil { return merged.path }
        for folder in folders {
            guard try folder.headShape() == nil else {
                throw Diagnostic(
                    "an adapter with a head can't be merged: heads have no sum", at: SourceLocation(file: folder.path))
            }
        }
        do {
            let made = try merge.merged(folders.map { try $0.adapter() }, on: modules)
            var metadata = ["merged": digests.joined(separator: " ")]
            metadata[keptKey] = made.keptShare.map { "\($0)" }
            try merged.write(
                made.adapter, head: nil, base: AdapterBase((model.path as NSString).lastPathComponent),
                metadata: metadata)
            try merged.seal()
        } catch let error as Diagnostic where error.location == nil {
            throw Diagnostic(error.message, at: location, suggestion: error.suggestion)
        }
        return merged.path
    }

    /// The key of an adapter's file that says what a cut to a rank kept.
    static let keptKey = "merge_kept"

    /// What the reader of a run must know of its merged adapter: what the cut to a rank lost; nil where it lost nothing.
    static func warning(_ merge: AdapterMerge, in folder: String) throws -> String? {
        guard let rank = merge.rank, let kept = try Adapter.metadata(folder: folder)[keptKey].flatMap(Double.init),
            kept < 1 - 1e-6
        else { return nil }
        let percents = (1000 * kept).rounded(.down) / 10
        return "the merged adapter is cut to rank \(rank), which keeps \(percents) % of its sum of squares"
    }
}

extension AdapterMerge {
    /// What some methods have alone, as text.
    fileprivate var further: String {
        [
            density.map { " density \($0)" }, drop.map { " drop \($0)" }, seed.map { " seed \($0)" },
            rank.map { " rank \($0), svd version 1" },
        ].compactMap(\.self).joined()
    }
}

extension AdapterReference {
    /// The folder of one that is there; one of several is made where it isn't.
    ///
    /// - Throws: where one is missing, or was made for another model.
    public func folder(
        on model: PretrainedModel, in cache: CacheFolder = CacheFolder(), at location: SourceLocation? = nil
    ) throws -> String? {
        guard case .merged(let sources, let merge) = self else { return try existingFolder(at: location) }
        return try MergedAdapters.folder(of: sources, merge, model: model, in: cache, at: location)
    }
}
