import Files
import Foundation

/// The page's own script: values under the pointer, tables that sort and filter.
enum PageScript {
    static let text = "\n" + String(decoding: PackageResources.report_js, as: UTF8.self)

    /// What a browser lets the page do: no request, its own style, and this script alone, known by its digest. A text of a
    /// result that got past the escaping would not run.
    static let policy =
        "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; "
        + "script-src 'sha256-\(Data(SHA256Digest(of: text).bytes).base64EncodedString())'"
}
