/// The program's name and version, as results carry it.
public enum ProgramVersion {
    public static let number = "0.1.0"
    public static let description = "bellm \(number)"
}
