import Diagnostics
import Hub
import TestSupport
import Testing

struct RedirectTests {
    @Test("Large files come from another host, which never sees the token")
    func contentHost() async throws {
        let content = try LocalServer { FakeHub.ranged(HubTrial.weights, for: $0) }
        var hub = HubTrial.model
        hub.contentAddress = content.address
        try await HubTrial.run(
            hub, token: "hf_secret",
            change: { request, number, answer in
                if request.path.hasSuffix("config.json"), number == 0 {
                    answer = .init(307, headers: ["Location": request.path + "?redirected"])
                }
            }
        ) { trial in
            let snapshot = try trial.client.fetch(trial.id, .model)
            #expect(try trial.content(snapshot, "model.safetensors") == HubTrial.weights)
            #expect(trial.server.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
            #expect(content.requests.map(\.method) == ["GET"])
            #expect(content.requests.allSatisfy { $0.headers["authorization"] == nil })
        }
    }

    @Test(
        "Redirects in a circle, and to what is no web address, are errors",
        arguments: [
            ("/org/name/again", "more than 10 redirects"),
            ("file:///etc/passwd", "redirects to \"file:///etc/passwd\""),
            ("http://", "redirects to \"http://\""),
        ])
    func badRedirects(_ location: String, _ message: String) async throws {
        try await HubTrial.run(change: { request, _, answer in
            if request.path.contains("name") { answer = .init(302, headers: ["Location": location]) }
        }) { trial in
            let error = #expect(throws: Diagnostic.self) { try trial.client.fetch(trial.id, .model) }
            #expect(error?.message.contains(message) == true)
        }
    }
}
