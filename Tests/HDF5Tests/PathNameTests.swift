import HDF5
import Testing

@Suite("A text as a name in an HDF5 path")
struct PathNameTests {
    @Test(
        "A name is escaped so that it can be read back",
        arguments: ["", ".", "..", "/", "%", "%2F", "a/b", "ä 🍎", "%zz", "%+1"])
    func escaping(name: String) {
        let escaped = PathName.escaped(name)
        #expect(!escaped.contains("/") && !escaped.isEmpty && escaped != "." && escaped != "..")
        #expect(PathName.unescaped(escaped) == name)
    }
}
