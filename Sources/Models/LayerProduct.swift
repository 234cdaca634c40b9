import Numerics

/// A matrix product that a layer does.
package struct LayerProduct: Sendable {
    package let linear: any Linear
    /// Whether all rows of the batch go through it, as they do for keys and values, or only those asked for.
    package let takesAllRows: Bool
    /// Whether it adds to the residual stream.
    package let isAccumulating: Bool
}

/// A layer that names its matrix products, so that their time can be measured without what stands between them.
package protocol ProductListing: TransformerLayer {
    /// In the order of `apply`.
    var products: [LayerProduct] { get }
}
