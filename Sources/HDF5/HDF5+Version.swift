import CHDF5

extension HDF5 {
    /// The library's version, such as `1.10.8`.
    public static var version: String {
        var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
        let status = (try? call("tell its version") { H5get_libversion(&major, &minor, &release) }) ?? -1
        return status < 0 ? "unknown" : "\(major).\(minor).\(release)"
    }
}
