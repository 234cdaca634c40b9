import ArgumentParser
import Diagnostics
import Launching

extension LauncherKind: ExpressibleByArgument {}

/// Where an experiment's runs are computed.
struct LaunchOptions: ParsableArguments {
    @Option(help: "Compute the runs as parts, and merge them: local in processes of this machine, slurm on a cluster.")
    var launcher: LauncherKind?

    @Option(help: ArgumentHelp("With --launcher local: processes at the same time. Default: 2.", valueName: "n"))
    var jobs: Int?

    @Flag(help: "With --launcher slurm: follow the jobs, and print the table when they are done.")
    var wait = false

    @Flag(help: "With --launcher slurm: write the job script, and submit nothing.")
    var dryRun = false

    func validate() throws {
        if let jobs { _ = try NumberRange("--jobs", 1...1024).check(jobs) }
        if jobs != nil, launcher != .local { throw Diagnostic("--jobs needs --launcher local") }
        if wait || dryRun, launcher != .slurm {
            throw Diagnostic("\(wait ? "--wait" : "--dry-run") needs --launcher slurm")
        }
        if wait, dryRun { throw Diagnostic("--dry-run submits nothing that --wait could follow") }
    }
}
