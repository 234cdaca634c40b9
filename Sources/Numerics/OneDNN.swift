import COneDNN

/// oneDNN's C interface, as far as it is used: matrix products with packed weights.
///
/// A status that isn't success means a wrong argument of ours or a lack of memory, and ends the program with the
/// call's name.
public enum OneDNN {
    /// Such as `2.6.3`.
    public static var version: String {
        let version = dnnl_version().pointee
        return "\(version.major).\(version.minor).\(version.patch)"
    }

    /// Whether it may use AVX-512, to which processor and `ONEDNN_MAX_CPU_ISA` limit it. Below that it has no products of
    /// bfloat16 numbers, packs all weights anew in each product, and adds up the rows that its groups of six leave over in
    /// another order.
    package static let hasAVX512: Bool = {
        let needed = dnnl_cpu_isa_avx512_core.rawValue
        return dnnl_get_effective_cpu_isa().rawValue & needed == needed
    }()

    /// Whether bfloat16 products are made as such: fast ones, with instructions that oneDNN may use.
    static let multipliesBFloat16Fast = Processor.current.multipliesBFloat16Fast && hasAVX512

    /// The instructions that it uses here, as its limit and the processor allow: a number of its own.
    static var instructions: String { "instruction set \(dnnl_get_effective_cpu_isa().rawValue)" }

    enum ElementType: Hashable, Sendable {
        case float32
        case bfloat16

        var code: dnnl_data_type_t { self == .float32 ? dnnl_f32 : dnnl_bf16 }
    }

    static func check(_ status: dnnl_status_t, _ call: StaticString = #function) {
        precondition(status == dnnl_success, "oneDNN refused a matrix product (status \(status.rawValue))")
    }

    /// The processor. Created once; thread-safe.
    private struct Engine: @unchecked Sendable {
        let pointer: OpaquePointer?

        init() {
            var engine: OpaquePointer?
            check(dnnl_engine_create(&engine, dnnl_cpu, 0))
            pointer = engine
        }
    }

    private static let sharedEngine = Engine()
    static var engine: OpaquePointer? { sharedEngine.pointer }

    /// A thread's queue of work.
    final class Stream {
        let pointer: OpaquePointer?

        init() {
            var stream: OpaquePointer?
            check(dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue)))
            pointer = stream
        }

        deinit { dnnl_stream_destroy(pointer) }
    }

    /// The left side of a product.
    struct Operand {
        let base: UnsafeMutableRawPointer
        let rows, columns, stride: Int
        let type: ElementType

        init(_ matrix: Matrix) {
            (base, rows, columns) = (UnsafeMutableRawPointer(matrix.base), matrix.rows, matrix.columns)
            (stride, type) = (matrix.stride, .float32)
        }

        init(bfloat16 base: UnsafeMutablePointer<UInt16>, rows: Int, columns: Int) {
            (self.base, self.rows, self.columns) = (UnsafeMutableRawPointer(base), rows, columns)
            (stride, type) = (columns, .bfloat16)
        }

        var description: dnnl_memory_desc_t { OneDNN.description(rows, columns, type, strides: (stride, 1)) }
    }

    static func description(
        _ rows: Int, _ columns: Int, _ type: ElementType, strides: (Int, Int)? = nil
    ) -> dnnl_memory_desc_t {
        var description = dnnl_memory_desc_t()
        let sizes = [dnnl_dim_t(rows), dnnl_dim_t(columns)]
        if let strides {
            let strides = [dnnl_dim_t(strides.0), dnnl_dim_t(strides.1)]
            check(dnnl_memory_desc_init_by_strides(&description, 2, sizes, type.code, strides))
        } else {
            check(dnnl_memory_desc_init_by_tag(&description, 2, sizes, type.code, dnnl_format_tag_any))
        }
        return description
    }

    /// Memory with a description, its own or lent.
    final class Memory: @unchecked Sendable {
        // Sendable because packed weights, the only memory that workers share, are not written after packing.
        let pointer: OpaquePointer?

        /// - Parameter base: the memory lent; nil for memory of its own
        init(_ description: dnnl_memory_desc_t, base: UnsafeMutableRawPointer?) {
            var memory: OpaquePointer?
            var description = description
            // DNNL_MEMORY_ALLOCATE and DNNL_MEMORY_NONE are casts of all-ones and zero, which Swift doesn't import.
            let allocate = UnsafeMutableRawPointer(bitPattern: UInt.max)
            check(dnnl_memory_create(&memory, &description, engine, base ?? allocate))
            pointer = memory
        }

        deinit { dnnl_memory_destroy(pointer) }
    }

    /// A matrix in the order that oneDNN's product likes.
    struct PackedWeights: Sendable {
        let inputs, outputs: Int
        let memory: Memory
        let description: dnnl_memory_desc_t

        /// The number of rows that the packing is chosen for. Every number gives the same packing, with this version's kernels.
        private static let typicalRows = 512

        /// - Parameters:
        ///   - weight: [outputs, inputs]
        ///   - isTransposed: the map takes outputs to inputs, as gradients go
        init(_ weight: Matrix, type: ElementType, isTransposed: Bool = false) {
            (inputs, outputs) = isTransposed ? (weight.rows, weight.columns) : (weight.columns, weight.rows)
            let source = OneDNN.description(Self.typicalRows, inputs, type, strides: (inputs, 1))
            let any = OneDNN.description(inputs, outputs, type)
            let result = OneDNN.description(Self.typicalRows, outputs, .float32, strides: (outputs, 1))
            let primitive = OneDNN.primitiveDescription(source, any, result, accumulating: false)
            defer { dnnl_primitive_desc_destroy(primitive) }
            guard let packed = dnnl_primitive_desc_query_md(primitive, dnnl_query_weights_md, 0) else {
                preconditionFailure("oneDNN has no packing for these weights")
            }
            description = packed.pointee
            memory = Memory(description, base: nil)
            let plain = OneDNN.description(
                inputs, outputs, .float32, strides: isTransposed ? (weight.stride, 1) : (1, weight.stride))
            Self.reorder(Memory(plain, base: weight.base), plain, into: memory, description)
            withExtendedLifetime(weight) {}
        }

        private static func reorder(
            _ source: Memory, _ from: dnnl_memory_desc_t, into target: Memory, _ to: dnnl_memory_desc_t
        ) {
            omp_set_num_threads(1)
            var (from, to) = (from, to)
            var description: OpaquePointer?
            check(dnnl_reorder_primitive_desc_create(&description, &from, engine, &to, engine, nil))
            defer { dnnl_primitive_desc_destroy(description) }
            var primitive: OpaquePointer?
            check(dnnl_primitive_create(&primitive, description))
            defer { dnnl_primitive_destroy(primitive) }
            let stream = Stream()
            let arguments = [
                dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: source.pointer),
                dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: target.pointer),
            ]
            check(dnnl_primitive_execute(primitive, stream.pointer, 2, arguments))
            check(dnnl_stream_wait(stream.pointer))
        }
    }

    fileprivate static func primitiveDescription(
        _ source: dnnl_memory_desc_t, _ weights: dnnl_memory_desc_t, _ result: dnnl_memory_desc_t, accumulating: Bool
    ) -> OpaquePointer? {
        var (source, weights, result) = (source, weights, result)
        var operation = dnnl_matmul_desc_t()
        check(dnnl_matmul_desc_init(&operation, &source, &weights, nil, &result))
        var attributes: OpaquePointer?
        check(dnnl_primitive_attr_create(&attributes))
        defer { dnnl_primitive_attr_destroy(attributes) }
        if accumulating {
            var additions: OpaquePointer?
            check(dnnl_post_ops_create(&additions))
            defer { dnnl_post_ops_destroy(additions) }
            check(dnnl_post_ops_append_sum(additions, 1))
            check(dnnl_primitive_attr_set_post_ops(attributes, additions))
        }
        var description: OpaquePointer?
        check(dnnl_primitive_desc_create(&description, &operation, attributes, engine, nil))
        return description
    }

    /// A product compiled for a shape. Belongs to one worker.
    final class Product {
        private let primitive: OpaquePointer?
        private let result: dnnl_memory_desc_t

        init(_ x: Operand, outputStride: Int, accumulating: Bool, weights: PackedWeights) {
            result = OneDNN.description(x.rows, weights.outputs, .float32, strides: (outputStride, 1))
            let description = OneDNN.primitiveDescription(
                x.description, weights.description, result, accumulating: accumulating)
            defer { dnnl_primitive_desc_destroy(description) }
            var primitive: OpaquePointer?
            check(dnnl_primitive_create(&primitive, description))
            self.primitive = primitive
        }

        deinit { dnnl_primitive_destroy(primitive) }

        func execute(_ x: Operand, weights: PackedWeights, into y: Matrix, stream: Stream) {
            // oneDNN would start threads of its own; parallelism is the workers', one a core. The setting is a
            // thread's own, and which thread a worker runs on may change.
            omp_set_num_threads(1)
            let source = Memory(x.description, base: x.base)
            let target = Memory(result, base: UnsafeMutableRawPointer(y.base))
            let arguments = [
                dnnl_exec_arg_t(arg: DNNL_ARG_SRC, memory: source.pointer),
                dnnl_exec_arg_t(arg: DNNL_ARG_WEIGHTS, memory: weights.memory.pointer),
                dnnl_exec_arg_t(arg: DNNL_ARG_DST, memory: target.pointer),
            ]
            check(dnnl_primitive_execute(primitive, stream.pointer, 3, arguments))
            check(dnnl_stream_wait(stream.pointer))
            withExtendedLifetime((source, target)) {}
        }
    }
}
