import Foundation

@testable import MetaLearning

extension TemporaryRuns {
  /// The folder of a run that was not made by training, but holds what one would leave.
  func written(
    _ name: String, _ configuration: MetaConfiguration, validations: [Double], result: RunResult? = nil
  ) throws -> RunFolder {
    let folder = try folder(name)
    try folder.write(configuration, to: "config.json")
    for (index, validation) in validations.enumerated() {
      var record = MetaHistory.Record(
        iteration: (index + 1) * 100, loss: 1 / Double(index + 1), score: validation + 0.01, learningRate: 1e-3,
        seconds: 40 * Double(index + 1))
      (record.validationScore, record.validationCI95) = (validation, 0.02)
      try folder.append(record)
    }
    if let result { try folder.write(result, to: "result.json") }
    return folder
  }
}

extension MetaConfiguration {
  /// Some settings of a run on made-up characters, for three hundred iterations.
  static var sample: MetaConfiguration {
    var configuration = MetaConfiguration(defaultsFor: .alphabet)
    configuration.options.iterations = 300
    return configuration
  }
}

extension RunResult {
  /// A result with figures of both kinds, after 0, 1 and 2 steps.
  static func sample(inductive: Bool = true, diverged: Int = 0) -> RunResult {
    func steps(_ values: [Double], _ diverged: Int) -> [Step] {
      values.enumerated().map {
        Step(step: $0, value: JSONNumber($1), ci95: JSONNumber(0.004), diverged: $0 == 2 ? diverged : 0)
      }
    }
    return RunResult(
      metric: .accuracy, value: 0.9542, ci95: 0.004, tasks: 600, perStep: steps([0.2, 0.9542, .nan], diverged),
      inductivePerStep: inductive ? steps([0.2, 0.9131, 0.9214], 0) : nil, seconds: 90, run: "somewhere")
  }
}
