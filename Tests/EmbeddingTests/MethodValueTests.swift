import Diagnostics
import Embedding
import Testing

@Suite("A method's value as it is written") struct MethodValueTests {
    private static let range = DecimalRange("power", 0...2)
    private let place = SourceLocation(file: "x.yaml", line: 2, column: 8)

    @Test("A decimal number may be written whole, and as text on a command line; a zero has no sign")
    func numbers() throws {
        for (content, expected) in [
            (MethodValue.Content.number(0.5), "0.5"), (.integer(2), "2.0"), (.text("1e-1"), "0.1"),
            (.number(-0.0), "0.0"),
        ] {
            let number = try MethodValue(content).number(Self.range)
            #expect(MethodValue(.number(number)).plain == expected)
        }
        #expect(MethodValue(.number(0.5)).kind == "the number 0.5")
    }

    @Test(
        "What is no number, or outside of its range, is named with its place",
        arguments: [
            (MethodValue.Content.text("1.0"), "expected a number, found the text \"1.0\""),
            (.flag(true), "expected a number, found the truth value true"),
            (.number(2.5), "power: expected 0.0 to 2.0, found 2.5"),
            (.number(.nan), "power: expected 0.0 to 2.0, found nan"),
            (.number(.infinity), "power: expected 0.0 to 2.0, found inf"),
            (.integer(-1), "power: expected 0.0 to 2.0, found -1.0"),
        ])
    func refused(content: MethodValue.Content, message: String) {
        let error = #expect(throws: Diagnostic.self) { try MethodValue(content, at: place).number(Self.range) }
        #expect(error?.message == message && error?.location == place)
    }

    @Test("A range without an upper bound says so, and takes no infinity")
    func unbounded() throws {
        let range = DecimalRange("power", 0.5 ... .infinity)
        #expect(try range.check(1e300) == 1e300)
        let error = #expect(throws: Diagnostic.self) { try range.check(.infinity) }
        #expect(error?.message == "power: expected at least 0.5, found inf")
    }

    @Test("A truth value is a text on a command line, and never in a file")
    func flags() throws {
        #expect(try MethodValue(.text("true")).flag() && !MethodValue(.flag(false)).flag())
        #expect(throws: Diagnostic.self) { try MethodValue(.text("true"), at: place).flag() }
        #expect(throws: Diagnostic.self) { try MethodValue(.text("yes")).flag() }
    }
}
