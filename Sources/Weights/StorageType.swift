/// How a tensor's numbers are stored: plain, or in blocks of small integers that share a scale.
///
/// The raw values are those of `ggml_type`, the sizes those of ggml's `block_…` structs. Types that only safetensors
/// files have are numbered from `firstBeyondGGML`.
// swift-format-ignore: AlwaysUseLowerCamelCase
public enum StorageType: UInt32, CaseIterable, Sendable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q8_1 = 9
    case q2_K = 10
    case q3_K = 11
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case q8_K = 15
    case iq2_XXS = 16
    case iq2_XS = 17
    case iq3_XXS = 18
    case iq1_S = 19
    case iq4_NL = 20
    case iq3_S = 21
    case iq2_S = 22
    case iq4_XS = 23
    case i8 = 24
    case i16 = 25
    case i32 = 26
    case i64 = 27
    case f64 = 28
    case iq1_M = 29
    case bf16 = 30
    case tq1_0 = 34
    case tq2_0 = 35
    case mxfp4 = 39
    case bool = 0x1_0000
    case u8, u16, u32, u64
    case f8_E4M3, f8_E5M2, f8_E8M0

    private static let firstBeyondGGML = StorageType.bool.rawValue

    /// The type of a number in a GGUF file.
    init?(ggml number: UInt32) {
        guard number < Self.firstBeyondGGML else { return nil }
        self.init(rawValue: number)
    }

    /// Numbers in a block; a row is whole blocks.
    public var elementsPerBlock: Int { layout.elements }
    public var bytesPerBlock: Int { layout.bytes }

    /// ggml's name, elements per block, bytes per block.
    private var layout: (name: String, elements: Int, bytes: Int) {
        switch self {
        case .f32: ("F32", 1, 4)
        case .f16: ("F16", 1, 2)
        case .q4_0: ("Q4_0", 32, 18)
        case .q4_1: ("Q4_1", 32, 20)
        case .q5_0: ("Q5_0", 32, 22)
        case .q5_1: ("Q5_1", 32, 24)
        case .q8_0: ("Q8_0", 32, 34)
        case .q8_1: ("Q8_1", 32, 36)
        case .q2_K: ("Q2_K", 256, 84)
        case .q3_K: ("Q3_K", 256, 110)
        case .q4_K: ("Q4_K", 256, 144)
        case .q5_K: ("Q5_K", 256, 176)
        case .q6_K: ("Q6_K", 256, 210)
        case .q8_K: ("Q8_K", 256, 292)
        case .iq2_XXS: ("IQ2_XXS", 256, 66)
        case .iq2_XS: ("IQ2_XS", 256, 74)
        case .iq3_XXS: ("IQ3_XXS", 256, 98)
        case .iq1_S: ("IQ1_S", 256, 50)
        case .iq4_NL: ("IQ4_NL", 32, 18)
        case .iq3_S: ("IQ3_S", 256, 110)
        case .iq2_S: ("IQ2_S", 256, 82)
        case .iq4_XS: ("IQ4_XS", 256, 136)
        case .i8: ("I8", 1, 1)
        case .i16: ("I16", 1, 2)
        case .i32: ("I32", 1, 4)
        case .i64: ("I64", 1, 8)
        case .f64: ("F64", 1, 8)
        case .iq1_M: ("IQ1_M", 256, 56)
        case .bf16: ("BF16", 1, 2)
        case .tq1_0: ("TQ1_0", 256, 54)
        case .tq2_0: ("TQ2_0", 256, 66)
        case .mxfp4: ("MXFP4", 32, 17)
        case .bool: ("BOOL", 1, 1)
        case .u8: ("U8", 1, 1)
        case .u16: ("U16", 1, 2)
        case .u32: ("U32", 1, 4)
        case .u64: ("U64", 1, 8)
        case .f8_E4M3: ("F8_E4M3", 1, 1)
        case .f8_E5M2: ("F8_E5M2", 1, 1)
        case .f8_E8M0: ("F8_E8M0", 1, 1)
        }
    }
}

extension StorageType: CustomStringConvertible {
    /// The name in GGUF and safetensors, such as `BF16`, `Q4_1` or `IQ2_XS`.
    public var description: String { layout.name }
}
