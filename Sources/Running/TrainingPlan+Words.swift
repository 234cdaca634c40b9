import Foundation
import Specification
import Training

// How plans and results call a training.

extension TrainingPlan {
    /// Who teaches, behind what is learnt from.
    var teacherWords: String {
        if let teacher { return ", taught by \(teacher.run.model.name)" }
        guard let result = spec.teacherResult else { return "" }
        return
            ", taught by \(result.run.map { "\($0) in " } ?? "")\(URL(fileURLWithPath: result.file).lastPathComponent)"
    }

    /// What is made in place of an adapter of its own, behind what is learnt from.
    var positionWords: String {
        if let measuring {
            return ", what \(measuring.merge.method.rawValue) measures of \(measuring.adapters.count) adapters"
        }
        return positioning == nil ? "" : ", the position between two adapters"
    }

    /// The same in front of that adapter's title.
    var placeWords: String {
        if let measuring {
            return "each through \(measuring.adapters.count) adapters for \(measuring.merge.method.rawValue), "
        }
        return positioning == nil ? "" : "the position between two adapters, "
    }
}
