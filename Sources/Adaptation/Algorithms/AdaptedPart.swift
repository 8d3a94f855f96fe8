/// The part of a model that an inner loop adapts; the rest is trained by the outer loop only.
public enum AdaptedPart: Hashable, Sendable, Codable {
  /// All parameters.
  case everything
  /// All but scales and shifts of normalizations (`HeldInAdaptation`), as in the published settings of MAML++.
  case allButNormalization
  /// The parameters with these names, or below them: `["output"]` adapts the head alone, as ANIL does.
  case named([String])

  /// Whether a parameter is adapted.
  func contains(_ leaf: TensorLeaf) -> Bool {
    switch self {
    case .everything: leaf.isTrainable
    case .allButNormalization: leaf.isTrainable && !leaf.isHeld
    case .named(let names): leaf.isTrainable && names.contains { leaf.name == $0 || leaf.name.hasPrefix($0 + ".") }
    }
  }
}
