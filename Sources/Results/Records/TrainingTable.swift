/// How a run's adapter was trained, step by step.
public struct TrainingTable: Equatable, Sendable {
    /// The run's name.
    public var run: String
    public var rows: [Row]

    public init(run: String, rows: [Row] = []) {
        self.run = run
        self.rows = rows
    }

    /// One step of the optimiser.
    public struct Row: Equatable, Sendable {
        /// Which stage of the training, from 1.
        public var stage = 1
        /// From 1 in each stage.
        public var step = 0
        public var loss = Double.nan
        public var learningRate = Double.nan
        /// The length of the gradient before it was shortened.
        public var gradientNorm = Double.nan
        public var tokens = 0
        public var seconds = Double.nan
        /// Spearman's correlation on the development set, -1…1; NaN where it wasn't taken behind this step.
        public var developmentScore = Double.nan
        /// The most memory that was resident up to here since the stage began or was resumed, in bytes; 0 where it isn't
        /// known.
        public var peakBytes = 0

        public init() {}
    }
}
