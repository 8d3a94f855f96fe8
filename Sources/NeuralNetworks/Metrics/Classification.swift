/// The share of examples whose greatest logit is that of their label, a float32 scalar in 0...1.
///
/// - Parameters:
///   - logits: [batch.., classes], or anything that is greatest for the class predicted.
///   - labels: [batch..] (int32).
public func accuracy(logits: Tensor, labels: Tensor) -> Tensor {
  requireLabels(labels, logits, "accuracy")
  return (logits.argmax(-1) .== labels).cast(to: .float32).mean()
}

/// How often which class was taken for which: `matrix[t][p]` examples of class `t` were predicted as class `p`.
///
/// - Parameters:
///   - predictions: [..] (int32), the predicted classes.
///   - labels: [..] (int32), the true classes.
///   - classes: The number of classes; another class than these ends the program.
public func confusionMatrix(predictions: Tensor, labels: Tensor, classes: Int) -> [[Int]] {
  requireSameShape(predictions, labels, "confusionMatrix")
  guard predictions.scalarType == .int32, labels.scalarType == .int32 else {
    stop("confusionMatrix: classes must be int32, not \(predictions.scalarType) and \(labels.scalarType)")
  }
  var matrix = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
  for (predicted, label) in zip(predictions.scalars(as: Int32.self), labels.scalars(as: Int32.self)) {
    for value in [predicted, label] where !(0..<classes).contains(Int(value)) {
      stop("confusionMatrix: the class \(value) is not in 0..<\(classes)")
    }
    matrix[Int(label)][Int(predicted)] += 1
  }
  return matrix
}

/// How often which class was taken for which: `matrix[t][p]` examples of class `t` have their greatest logit at `p`.
///
/// - Parameters:
///   - logits: [batch.., classes].
///   - labels: [batch..] (int32), the true classes.
public func confusionMatrix(logits: Tensor, labels: Tensor) -> [[Int]] {
  let classes = requireLabels(labels, logits, "confusionMatrix")
  return confusionMatrix(predictions: logits.argmax(-1), labels: labels, classes: classes)
}
