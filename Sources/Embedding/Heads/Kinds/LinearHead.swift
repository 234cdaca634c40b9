/// One dense layer: a linear map, with a bias or without, and a function behind it or none. With `tanh`, SimCSE's head.
public struct LinearHead: HeadKind {
    /// What comes out; nil for as many as go in.
    public var dimensions: Int?
    public var hasBias = true
    public var activation = HeadActivation.identity

    public init() {}

    public static let name = "linear"
    public static let fields: [HeadField<Self>] = [
        .width("dimensions", \.dimensions), .flag("bias", \.hasBias), .activation("activation", \.activation),
    ]

    public func layers(inputs: Int) -> [DenseLayer] {
        [DenseLayer(inputs: inputs, outputs: dimensions ?? inputs, hasBias: hasBias, activation: activation)]
    }
}
