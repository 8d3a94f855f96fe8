import Foundation
import MetaLearning

/// Weights and data that come from a file, so that a peer can be given the same numbers.
///
/// All floating tensors are of one type, float32 or float64, and that is what is computed in.
struct InputFile {
  private let path: String
  private let tensors: NamedTensors

  init(_ path: String) throws {
    self.path = path
    tensors = try SafeTensors.read(from: URL(fileURLWithPath: path)).tensors
    let floating = Set(tensors.values.map(\.scalarType).filter(\.isFloating))
    guard floating.count == 1 else {
      throw UserError("\(path) should have floating tensors of one type; it has \(floating.map(\.rawValue).sorted())")
    }
  }

  /// A tree of the same shapes with the tensors of the file: `prefix.path`.
  func tree<T: TensorTree>(_ like: T, _ prefix: String) throws -> T {
    let new = try like.leaves.map { leaf in
      try tensor("\(prefix).\(leaf.name)", like: leaf.tensor.shape, leaf.tensor.scalarType)
    }
    var rest = new[...]
    return like.replacingLeaves(from: &rest)
  }

  /// Episodes of the same shapes from `support.inputs` and so on, whose first axis is the tasks.
  func episodes(like episodes: [Episode]) throws -> [Episode] {
    let support = try batches("support", like: episodes.map(\.support))
    let query = try batches("query", like: episodes.map(\.query))
    return episodes.indices.map { Episode(support: support[$0], query: query[$0], shape: episodes[$0].shape) }
  }

  private func batches(_ prefix: String, like batches: [Batch]) throws -> [Batch] {
    let stacked = try tree(
      Batch(inputs: stack(batches.map(\.inputs)), targets: stack(batches.map(\.targets))), prefix)
    return batches.indices.map {
      Batch(inputs: stacked.inputs[$0].evaluated(), targets: stacked.targets[$0].evaluated())
    }
  }

  private func tensor(_ name: String, like shape: Shape, _ type: ScalarType) throws -> Tensor {
    guard let tensor = tensors[name] else { throw UserError("\(path) has no tensor '\(name)'") }
    guard tensor.shape == shape, tensor.scalarType.isFloating == type.isFloating else {
      throw UserError(
        "\(path): '\(name)' is \(tensor.scalarType) of shape \(tensor.shape); expected \(type) of shape \(shape)")
    }
    return tensor
  }
}

extension Workload {
  /// Writes inputs and result, all floating numbers as float64; the file can be given to `--inputs` again.
  func dump(to path: String) throws {
    let all = inputs.merging(result) { $1 }
    let exact = all.mapValues { $0.scalarType.isFloating ? $0.cast(to: .float64) : $0 }
    try SafeTensors.write(exact, to: URL(fileURLWithPath: path))
  }
}
