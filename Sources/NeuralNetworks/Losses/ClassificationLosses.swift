// Losses of logits, the numbers before the softmax or sigmoid: computed from these, they neither overflow nor lose
// digits where a probability is near 0 or 1.

/// The cross-entropy −log p[label] of the softmax of logits.
///
/// Label smoothing s puts (1 − s) + s / classes at the label and s / classes elsewhere (Szegedy et al., 2016), as
/// PyTorch does.
///
/// - Parameters:
///   - logits: [batch.., classes].
///   - labels: [batch..] (int32), each in `0..<classes`; another one ends the program when the loss is computed.
///   - labelSmoothing: In 0...1.
///   - reduction: The mean is that over all examples.
/// - Returns: A scalar, or [batch..] where it is not reduced.
public func softmaxCrossEntropy(
  logits: Tensor, labels: Tensor, labelSmoothing: Double = 0, reduction: Reduction = .mean
) -> Tensor {
  let classes = requireLabels(labels, logits, "softmaxCrossEntropy")
  let logProbabilities = logSoftmax(logits)
  // Chosen, not multiplied by zeros, which would make NaN of a class with the logit −∞.
  let isLabel = labels.oneHot(classes, .bool)
  let chosen = select(isLabel, logProbabilities, .zeros(like: logProbabilities)).sum(-1)
  if labelSmoothing == 0 { return reduction(-chosen) }
  return reduction(-((1 - labelSmoothing) * chosen + labelSmoothing * logProbabilities.mean(-1)))
}

/// The cross-entropy −Σ target · log p between target probabilities and the softmax of logits.
///
/// - Parameters:
///   - logits: [batch.., classes].
///   - targets: [batch.., classes], floating; rows that sum to 1, such as one-hot rows or soft labels.
///   - labelSmoothing: s in 0...1 makes the targets (1 − s) · target + s / classes.
///   - reduction: The mean is that over all examples.
/// - Returns: A scalar, or [batch..] where it is not reduced.
public func softmaxCrossEntropy(
  logits: Tensor, targets: Tensor, labelSmoothing: Double = 0, reduction: Reduction = .mean
) -> Tensor {
  requireSameShape(logits, targets, "softmaxCrossEntropy")
  guard let classes = logits.shape.last else { stop("softmaxCrossEntropy: the logits need an axis of classes") }
  let smooth = labelSmoothing == 0 ? targets : (1 - labelSmoothing) * targets + labelSmoothing / Double(classes)
  return reduction(-(smooth * logSoftmax(logits)).sum(-1))
}

/// The cross-entropy −(t · log p + (1 − t) · log(1 − p)) between probabilities t and the sigmoid p of logits.
///
/// - Parameters:
///   - logits: [..].
///   - targets: [..], floating, in 0...1.
///   - reduction: The mean is that over all elements.
/// - Returns: A scalar, or [..] where it is not reduced.
public func binaryCrossEntropy(logits: Tensor, targets: Tensor, reduction: Reduction = .mean) -> Tensor {
  requireSameShape(logits, targets, "binaryCrossEntropy")
  // −log p = softplus(−z), −log(1 − p) = softplus(z): a sum of two terms that are not negative cancels nothing.
  return reduction(targets * softplus(-logits) + (1 - targets) * softplus(logits))
}

/// Ends the program unless labels [batch..] belong to logits [batch.., classes]; returns the number of classes.
@discardableResult
func requireLabels(_ labels: Tensor, _ logits: Tensor, _ operation: String) -> Int {
  guard let classes = logits.shape.last else { stop("\(operation): the logits need an axis of classes") }
  guard labels.scalarType == .int32 else { stop("\(operation): labels must be int32, not \(labels.scalarType)") }
  guard labels.shape == Array(logits.shape.dropLast()) else {
    stop(
      "\(operation): logits of shape \(logits.shape) need labels of shape \(Array(logits.shape.dropLast())), "
        + "not \(labels.shape)")
  }
  return classes
}
