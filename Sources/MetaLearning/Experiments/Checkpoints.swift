import Foundation

/// When a run saves what it has reached, and which of its checkpoints stay.
public struct CheckpointOptions: Sendable {
  /// The seconds between checkpoints.
  public var seconds = 30.0
  /// How many of the latest checkpoints stay. Beyond 1, each is there as `checkpoint-ITERATION.safetensors` too.
  public var kept = 1
  /// The file of the run's folder that a resumed run goes on from.
  public var resumed = Self.newest

  /// The name of the newest checkpoint.
  public static let newest = "checkpoint.safetensors"

  public init() {}
}

extension MetaTrainingRun {
  /// Writes a checkpoint and the weights, and lets go of checkpoints beyond those that are kept.
  func save(in folder: RunFolder, keeping kept: Int) throws {
    let newest = folder.file(CheckpointOptions.newest)
    try saveCheckpoint(to: newest)
    try writeWeights(in: folder)
    guard kept > 1 else { return }
    let files = FileManager.default
    let name = folder.file("checkpoint-\(position.iteration).safetensors")
    try? files.removeItem(at: name)
    // The same file under another name: the newest one is replaced by a new file, never written over.
    do {
      try files.linkItem(at: newest, to: name)
    } catch {
      throw UserError("The checkpoint '\(name.path)' cannot be written: \(error.localizedDescription).")
    }
    for old in folder.checkpoints.dropLast(kept) { try? files.removeItem(at: old.file) }
  }

  /// Writes the weights, and what the learner has learned, for those who use them.
  func writeWeights(in folder: RunFolder, as prefix: String = "") throws {
    try trainer.model.writeWeights(to: folder.file("\(prefix)weights.safetensors"))
    let learned = trainer.learner.parameters
    if !learned.leaves.isEmpty { try learned.writeWeights(to: folder.file("\(prefix)learner.safetensors")) }
  }
}

extension RunFolder {
  /// The checkpoints that are kept beside the newest, the oldest first, with their iterations.
  var checkpoints: [(iteration: Int, file: URL)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix("checkpoint-"), name.hasSuffix(".safetensors"),
        let iteration = Int(name.dropFirst("checkpoint-".count).dropLast(".safetensors".count))
      else { return nil }
      return (iteration, file(name))
    }.sorted { $0.iteration < $1.iteration }
  }
}
