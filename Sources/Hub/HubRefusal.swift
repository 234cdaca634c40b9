import Diagnostics

/// A request that the hub won't answer, and what its user can do about it.
struct HubRefusal {
    private let response: HTTPResponse
    private let id: HubID
    private let file: String?

    init(_ response: HTTPResponse, id: HubID, file: String? = nil) {
        (self.response, self.id, self.file) = (response, id, file)
    }

    /// One line. The hub says what is wrong in `X-Error-Code`; a mirror may have no more than the status.
    ///
    /// - Parameter files: the repository's, where they are known.
    func diagnostic(client: HubClient, files: [String] = []) -> Diagnostic {
        let environment = client.environment
        let hasToken = environment.token != nil
        let (name, status) = (id.repository, response.status)
        switch (status, response["X-Error-Code"]) {
        case (_, "GatedRepo"):
            return Diagnostic(
                "\(name) is gated: its owners ask you to accept their terms (\(status))",
                suggestion: "accept them at \(environment.shownEndpoint)/\(name), then "
                    + (hasToken ? "use the HF_TOKEN of that account" : "set HF_TOKEN to a token of that account"))
        case (_, "RevisionNotFound"):
            return Diagnostic("\(name) has no revision \"\(id.revision)\" (\(status))")
        case (404, nil) where file != nil, (_, "EntryNotFound"):
            let nearest = nearestName(to: file ?? "", among: files.filter { $0 != file })
            return Diagnostic(
                "\(id) has no file \"\(file ?? "")\" (\(status))", suggestion: nearest.map { "did you mean \"\($0)\"?" }
            )
        case (404, nil) where id.revision != HubID.defaultRevision:
            return Diagnostic(
                "the hub has no repository \(name), or it has no revision \"\(id.revision)\" (404)",
                suggestion: client.nearestLocal(to: id))
        case (404, _), (_, "RepoNotFound"):
            return notFound(client, hasToken: hasToken)
        case (401, _):
            guard hasToken else { return notFound(client, hasToken: false) }
            return Diagnostic(
                "the hub doesn't accept the token for \(name) (401)",
                suggestion: "make one at \(environment.shownEndpoint)/settings/tokens, and set HF_TOKEN to it")
        case (403, _):
            return Diagnostic(
                "the hub refuses access to \(name) (403)",
                suggestion: "if it is gated, accept its terms at \(environment.shownEndpoint)/\(name); "
                    + "set HF_TOKEN to a token that may read it")
        default:
            let said = response["X-Error-Message"].map { ": \($0.beginning(200))" } ?? ""
            return Diagnostic("\(response.address) answers \(status)\(said)")
        }
    }

    /// The hub hides private repositories from those who may not see them.
    private func notFound(_ client: HubClient, hasToken: Bool) -> Diagnostic {
        let advice =
            hasToken
            ? "check the name, and that the token in HF_TOKEN may read it"
            : "check the name; a private or gated repository needs HF_TOKEN, "
                + "a token from \(client.environment.shownEndpoint)/settings/tokens"
        return Diagnostic(
            "the hub has no repository \(id.repository) that you may see (\(response.status))",
            suggestion: [client.nearestLocal(to: id), advice].compactMap(\.self).joined(separator: " "))
    }
}
