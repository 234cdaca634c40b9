import Diagnostics
import Files
import Foundation
import Hub
import Synchronization
import TestSupport
import Testing

struct EnvironmentTests {
    @Test(
        "The cache is where huggingface_hub looks for it",
        arguments: [
            (["HOME": "/h"], "/h/.cache/huggingface/hub"),
            (["HOME": "/h", "XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
            (["HOME": "/h", "XDG_CACHE_HOME": "/x", "HF_HOME": "/f"], "/f/hub"),
            (["HOME": "/h", "HF_HOME": "~/f"], "/h/f/hub"),
            (["HOME": "/h", "HF_HOME": "$HOME/${USER}/f", "USER": "u"], "/h/u/f/hub"),
            (["HOME": "/h", "HF_HOME": "/f", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
            (["HOME": "/h", "HF_HOME": "/f", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/c"], "/c"),
            (["HOME": "/h", "HF_HOME": "", "HF_HUB_CACHE": ""], "/h/.cache/huggingface/hub"),
        ])
    func cache(_ variables: [String: String], _ path: String) throws {
        #expect(try HubEnvironment(variables).cache.path == path)
    }

    @Test("The token is a variable's, else that of the file that a login writes")
    func token() throws {
        try Fixtures.withTemporaryFolder { home in
            #expect(try HubEnvironment(["HF_HOME": home]).token == nil)
            try Data("hf_file\n".utf8).write(to: URL(fileURLWithPath: home + "/token"))
            #expect(try HubEnvironment(["HF_HOME": home]).token == "hf_file")
            #expect(try HubEnvironment(["HF_HOME": "/no", "HF_TOKEN_PATH": home + "/token"]).token == "hf_file")
            #expect(try HubEnvironment(["HF_HOME": home, "HUGGING_FACE_HUB_TOKEN": "hf_old"]).token == "hf_old")
            #expect(
                try HubEnvironment(["HF_HOME": home, "HUGGING_FACE_HUB_TOKEN": "a", "HF_TOKEN": " b\r\n"]).token == "b")
            #expect(try HubEnvironment(["HF_HOME": home, "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]).token == nil)
        }
    }

    @Test(
        "A password in the endpoint is in no message",
        arguments: [
            "http://user:s3cret@127.0.0.1:9", "http://user:s3cret@127.0.0.1:9/mirror/", "ftp://user:s3cret@host",
            "user:s3cret@host", "http://user:s3cret/@host", "http://us@er:s3cret@127.0.0.1:9",
            "http://s3cret@127.0.0.1:9",
        ])
    func password(endpoint: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            var client = HubClient(try HubEnvironment(["HF_HOME": folder, "HF_ENDPOINT": endpoint]))
            client.retries.attempts = 1
            let said = Mutex("")
            client.observe = { event in said.withLock { $0 += "\(event)" } }
            let error = #expect(throws: Diagnostic.self) { try client.fetch(HubID("org/name"), .model) }
            let text = "\(error.map { "\($0)" } ?? "") \(said.withLock(\.self))"
            #expect(!text.contains("s3cret") && text.contains("HF_ENDPOINT"), "\(text)")
        }
    }

    @Test("The name and password of an endpoint are sent to it, though nobody sees them")
    func credentials() async throws {
        try await HubTrial.run { trial in
            trial.client.environment.endpoint = trial.server.address.replacing("http://", with: "http://user:s3cret@")
            _ = try trial.client.fetch(trial.id, .model)
            #expect(
                trial.server.requests.allSatisfy {
                    $0.headers["authorization"] == "Basic " + Data("user:s3cret".utf8).base64EncodedString()
                })
        }
    }

    @Test("Offline is 1, on, yes or true; the endpoint loses its final slash")
    func others() throws {
        for value in ["1", "on", "YES", "True"] { #expect(try HubEnvironment(["HF_HUB_OFFLINE": value]).isOffline) }
        for value in ["", "0", "no", "OFF", "false"] {
            #expect(try !HubEnvironment(["HF_HUB_OFFLINE": value]).isOffline)
        }
        #expect(try HubEnvironment([:]).endpoint == "https://huggingface.co")
        #expect(try HubEnvironment(["HF_ENDPOINT": "http://mirror/"]).endpoint == "http://mirror")
    }

    @Test(
        "A value that a variable can't have is refused, and never taken for the default",
        arguments: [
            ("HF_HUB_DOWNLOAD_TIMEOUT", "abc"), ("HF_HUB_DOWNLOAD_TIMEOUT", "0"), ("HF_HUB_DOWNLOAD_TIMEOUT", "1.5"),
            ("HF_HUB_DOWNLOAD_TIMEOUT", "99999999999999999999"), ("HF_HUB_OFFLINE", "maybe"),
            ("TRANSFORMERS_OFFLINE", "2"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "y"),
        ])
    func refusals(_ name: String, _ value: String) {
        let error = #expect(throws: Diagnostic.self) { try HubEnvironment([name: value]) }
        #expect(error?.message.hasSuffix("found \"\(value)\"") == true)
        #expect((try? HubEnvironment([name: ""])) != nil)
    }

    @Test("Ids are what the hub allows, with a revision behind @")
    func ids() throws {
        let id = try HubID("org/na.me-1_x@refs/pr/3")
        #expect(id.repository == "org/na.me-1_x")
        #expect(id.revision == "refs/pr/3")
        #expect(try HubID("gpt2").description == "gpt2")
        #expect(try HubID("org/name", revision: "v1").description == "org/name@v1")
        #expect(throws: Diagnostic.self) { try HubID("org/name@v2", revision: "v1") }
        for wrong in [
            "", "a/b/c", "../x", "a--b/c", "/a", "a/", "org/name@", "org/name@../x", "org/na me", ".a/b", "a/b.git",
        ] {
            #expect(throws: Diagnostic.self, "\(wrong)") { try HubID(wrong) }
        }
        #expect(HubID.isQualified("org/name@main"))
        for wrong in ["name", "./name", "org/name/more", "~/name", "a@b/c"] { #expect(!HubID.isQualified(wrong)) }
    }

    @Test("A file's git digest is what git hash-object prints")
    func gitBlob() throws {
        try Fixtures.withTemporaryFolder { folder in
            try Data("hello\n".utf8).write(to: URL(fileURLWithPath: folder + "/x"))
            #expect(try FileDigest.gitBlob.hexadecimal(of: folder + "/x") == "ce013625030ba8dba906f756967f9e9ca394464a")
            #expect(
                try FileDigest.sha256.hexadecimal(of: folder + "/x")
                    == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")
        }
    }
}
