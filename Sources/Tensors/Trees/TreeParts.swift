/// A part of a tree, such as a normalization, that a learner may leave as it is while it adapts the rest to a task: its
/// tensors are trained by the outer loop only. Whether they are is the learner's setting (`TensorLeaf.isHeld`).
public protocol HeldInAdaptation {}

extension TensorTree {
  /// The same tree with a function applied to each of its parts of one type, however deep, and to the tree itself if it
  /// is of that type.
  ///
  /// Like tensors, the parts are found by the `Codable` traversal, so a struct needs no list of what lies in it:
  ///
  /// ```swift
  /// let gentle = model.mapParts(of: BatchNorm.self) { norm in
  ///   var norm = norm
  ///   norm.epsilon = 1e-3
  ///   return norm
  /// }
  /// ```
  ///
  /// A part without tensors is only found where it lies beside some.
  public func mapParts<Part: Codable>(of type: Part.Type, _ transform: (Part) -> Part) -> Self {
    mapParts { ($0 as? Part).map(transform) }
  }

  /// The same for parts of any type: those for which `transform` gives nil stay as they are; another value has to be of
  /// the part's own type.
  package func mapParts(_ transform: (Any) -> Any?) -> Self {
    withoutActuallyEscaping(transform) { transform in
      let record = TreeRecord(of: self)
      var tensors = record.leaves.map(\.tensor)[...]
      return record.rebuild(Self.self, from: &tensors, transform: transform)
    }
  }

  /// The tree's parts of one type, or that adopt a protocol (`(any HeldInAdaptation).self`), inner ones first: the path of
  /// each, and which of `leaves` lie in it. Parts without tensors are left out.
  package func parts<Part>(of type: Part.Type) -> [(path: String, part: Part, leaves: Range<Int>)] {
    TreeRecord(of: self, isListingParts: true).parts.compactMap { found in
      (found.value as? Part).map { (found.path, $0, found.leaves) }
    }
  }
}
