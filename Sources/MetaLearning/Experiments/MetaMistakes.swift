import Foundation

extension MetaExperiment {
  /// Which classes are taken for which, of a report on the test tasks of a seed; nil where classes have no names of their own.
  public func mistakes(of report: AdaptationReport, seed: UInt64) -> ClassMistakes? {
    let key = Self.testKey(seed: seed)
    guard !report.answers.isEmpty, !tasks.test.classNames(key[0]).isEmpty else { return nil }
    return ClassMistakes(
      report.answers.enumerated().map { task, answers in
        .init(names: tasks.test.classNames(key[task]), truth: answers.truth, predictions: answers.predictions)
      })
  }

  /// Writes mistakes as a table, `confusion.csv`, and draws them where there are no more than 30 classes; returns the
  /// pictures.
  public func write(_ mistakes: ClassMistakes, in folder: RunFolder) throws -> [URL] {
    try AtomicFile.write(Array(mistakes.csv.utf8), to: folder.file("confusion.csv").path)
    guard mistakes.classes.count <= 30 else { return [] }
    let (classes, counts) = mistakes.matrix
    return try folder.draw(
      ConfusionMatrixFigure(title: "Queries of new tasks, adapted to", classes: classes, counts: counts),
      as: "confusion")
  }
}
