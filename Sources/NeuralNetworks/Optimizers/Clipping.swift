extension TensorTree {
  /// The same tree, such as a gradient, scaled so that its `globalNorm` is at most `greatest` (Pascanu, Mikolov and
  /// Bengio, 2013).
  ///
  /// A tree within the bound is not changed, one of zeros neither. It can be differentiated, through the norm too.
  public func clipped(toNorm greatest: Double) -> Self {
    guard greatest > 0 else { stop("clipped(toNorm:): the greatest norm must be positive, not \(greatest)") }
    let norm = globalNorm
    let isLong = norm .> greatest
    // Divided where the norm is long only, so that a norm of 0 makes no NaN.
    let scale = select(isLong, greatest / select(isLong, norm, .ones(like: norm)), .ones(like: norm))
    return mapTensors { $0 * scale.cast(to: $0.scalarType) }
  }

  /// The same tree with each trained number clipped to −`greatest`...`greatest`; those beyond have the derivative 0.
  public func clipped(toValue greatest: Double) -> Self {
    guard greatest > 0 else { stop("clipped(toValue:): the greatest value must be positive, not \(greatest)") }
    return mapTensors { $0.clamped(to: -greatest...greatest) }
  }
}
