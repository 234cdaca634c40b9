import Files
import Testing

@Suite struct CacheFolderTests {
    @Test("BELLM_CACHE comes first, then XDG_CACHE_HOME, then the home folder; an empty variable is none")
    func order() {
        let home = ["HOME": "/a"]
        func path(_ variables: [String: String]) -> String {
            CacheFolder(environment: variables.merging(home) { $1 }).path
        }
        #expect(path([:]) == "/a/.cache/bellm")
        #expect(path(["XDG_CACHE_HOME": "/x"]) == "/x/bellm")
        #expect(path(["XDG_CACHE_HOME": "/x", "BELLM_CACHE": "/b"]) == "/b")
        #expect(path(["XDG_CACHE_HOME": "", "BELLM_CACHE": ""]) == "/a/.cache/bellm")
        #expect(CacheFolder(path: "/b").file("data/a.csv") == "/b/data/a.csv")
    }
}
