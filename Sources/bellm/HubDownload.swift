import Diagnostics
import Hub
import Running
import Specification

/// Downloads from the hub as the command line does it: with progress, and what went wrong at the place that asked for it.
struct HubDownload: Sendable {
    private var client: HubClient

    /// - Parameter knownNames: of models that need no hub: one of them may have been meant.
    init(knownNames: [String] = []) throws {
        client = try HubClient(HubEnvironment())
        client.knownNames = knownNames
        client.userAgent = ProgramVersion.description.replacing(" ", with: "/")
    }

    @discardableResult
    func fetch(_ reference: HubReference, at location: SourceLocation? = nil) throws -> HubSnapshot {
        do {
            return try fetch(reference.id, reference.selection, at: location)
        } catch let error as Diagnostic {
            // A misspelt path looks like a repository.
            throw Diagnostic(
                "\(error.message); and there is no such folder here", at: error.location, suggestion: error.suggestion)
        }
    }

    func fetch(_ id: HubID, _ selection: HubSelection, at location: SourceLocation? = nil) throws -> HubSnapshot {
        let reporter = DownloadReporter(id.description)
        defer { reporter.finish() }
        do {
            return try client.observed(by: reporter).fetch(id, selection)
        } catch let error as Diagnostic {
            throw error.placed(at: location)
        }
    }

    func fetch(_ files: [MirroredFile], into folder: String, named name: String) throws -> HubClient.MirrorOutcome {
        let reporter = DownloadReporter(name)
        defer { reporter.finish() }
        return try client.observed(by: reporter).fetch(files, into: folder)
    }
}

extension HubClient {
    fileprivate func observed(by reporter: DownloadReporter) -> HubClient {
        var client = self
        client.observe = reporter.observe
        return client
    }
}
