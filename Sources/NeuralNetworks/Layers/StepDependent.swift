/// A layer that does not do the same in every step of an inner loop, such as a `BatchNorm` with a scale for each.
public protocol StepDependent: Codable {
  /// The step that the layer is at, counted from 0.
  var step: Int { get set }
}

extension Model {
  /// The same model for a step of an inner loop, counted from 0: with all its layers at that step. Models without
  /// `StepDependent` layers stay as they are.
  public func at(step: Int) -> Self {
    mapParts { part in
      guard var layer = part as? any StepDependent else { return nil }
      layer.step = step
      return layer
    }
  }

  /// The same model whose batch normalizations have a scale and a shift of their own for each of some steps (MAML++).
  public func normalizingPerStep(_ steps: Int) -> Self { mapParts(of: BatchNorm.self) { $0.perStep(steps) } }

  /// The same model whose batch normalizations use the statistics of other examples.
  public func normalizing(by source: BatchNorm.Source) -> Self {
    mapParts(of: BatchNorm.self) { norm in
      var norm = norm
      norm.source = source
      return norm
    }
  }

  /// Whether the model normalizes over batches.
  public var hasBatchNorm: Bool {
    var found = false
    _ = mapParts(of: BatchNorm.self) { norm in
      found = true
      return norm
    }
    return found
  }
}
