import Foundation
import Testing

@testable import MetaLearning

/// Gradients of small problems, against formulas that are worked by hand in the comments.
@Suite struct FormulasByHandTests {
  /// A line y = θ₀ + θ₁x.
  private struct Line: Layer {
    var intercept: Tensor
    var slope: Tensor

    func callAsFunction(_ x: Tensor) -> Tensor { intercept + slope * x }
  }

  /// Linear regression. With n examples and residuals rᵢ = θ₀ + θ₁xᵢ − yᵢ, the loss is L = (1/n) Σ rᵢ². By the chain rule
  ///
  ///     ∂L/∂θ₀ = (2/n) Σ rᵢ        ∂L/∂θ₁ = (2/n) Σ rᵢ xᵢ
  ///
  /// For x = (0, 1, 2), y = (1, 3, 2), θ = (0.5, 1): r = (−0.5, −1.5, 0.5), Σ r = −1.5, Σ r x = −0.5, so that
  /// L = 2.75/3 and the gradient is (−1, −1/3).
  @Test func linearRegression() {
    let x = Tensor([0, 1, 2], .float64)
    let y = Tensor([1, 3, 2], .float64)
    let line = Line(intercept: Tensor(0.5, .float64), slope: Tensor(1, .float64))
    let (loss, gradient) = valueAndGradient(at: line) { meanSquaredError($0(x), y) }
    expectClose([loss.item()], [2.75 / 3], 1e-15)
    expectClose([gradient.intercept.item()], [-1], 1e-15)
    expectClose([gradient.slope.item()], [-1.0 / 3], 1e-15)

    // The same by the formulas in tensors.
    let residual = line(x) - y
    expectClose([gradient.intercept.item()], [2 * residual.mean().item()], 1e-15)
    expectClose([gradient.slope.item()], [2 * (residual * x).mean().item()], 1e-15)
  }

  /// The minimum of linear regression, where both derivatives are zero: θ₁ = cov(x, y) / var(x), θ₀ = ȳ − θ₁x̄. For the
  /// numbers above x̄ = 1, ȳ = 2, cov = 1/3, var = 2/3: θ = (1.5, 0.5).
  @Test func linearRegressionFindsTheMinimum() {
    let (x, y) = (Tensor([0, 1, 2], .float64), Tensor([1, 3, 2], .float64))
    var line = Line(intercept: Tensor(0, .float64), slope: Tensor(0, .float64))
    let optimizer = SGD(learningRate: 0.2)
    for _ in 0..<300 { optimizer.update(&line, along: gradient(at: line) { meanSquaredError($0(x), y) }) }
    expectClose([line.intercept.item(), line.slope.item()], [1.5, 0.5], 1e-10)
  }

  /// Logistic regression. With zᵢ = xᵢ·w, pᵢ = σ(zᵢ) and L = −(1/n) Σ (yᵢ log pᵢ + (1 − yᵢ) log(1 − pᵢ)), the derivative by
  /// zᵢ is σ′(zᵢ) · (pᵢ − yᵢ) / (pᵢ(1 − pᵢ)) / n = (pᵢ − yᵢ) / n, for σ′ = σ(1 − σ). By the chain rule
  ///
  ///     ∂L/∂w = Xᵀ(p − y) / n
  @Test func logisticRegression() {
    let rows: [[Double]] = [[1, 0.5, -1.2], [1, -0.3, 0.8], [1, 2.0, 0.1], [1, -1.5, -0.7]]
    let (targets, weights) = ([1.0, 0, 1, 0], [0.2, -0.4, 0.9])
    let p = rows.map { row in 1 / (1 + Foundation.exp(-zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 })) }
    let byHand = (0..<3).map { column in
      rows.indices.reduce(0) { $0 + rows[$1][column] * (p[$1] - targets[$1]) } / 4
    }
    let lossByHand = -zip(p, targets).reduce(0) { $0 + Foundation.log($1.1 == 1 ? $1.0 : 1 - $1.0) } / 4

    let (x, y) = (Tensor(rows, .float64), Tensor(targets, .float64))
    let (loss, gradient) = valueAndGradient(at: Tensor(weights, .float64)) { w in
      binaryCrossEntropy(logits: matmul(x, w), targets: y)
    }
    expectClose([loss.item()], [lossByHand], 1e-15)
    expectClose(gradient.doubles, byHand, 1e-15)
  }

  /// The same for several classes: with p = softmax(XW) and Y the labels as one-hot rows, ∂L/∂W = Xᵀ(P − Y) / n.
  @Test func softmaxRegression() {
    let key = RandomKey(seed: 3)
    let x = Tensor.randomNormal([6, 4], key: key[0], .float64)
    let w = Tensor.randomNormal([4, 3], key: key[1], .float64)
    let labels = Tensor([Int32(0), 2, 1, 1, 0, 2])
    let slope = gradient(at: w) { softmaxCrossEntropy(logits: matmul(x, $0), labels: labels) }
    let (xs, ws, ys) = (x.doubles, w.doubles, labels.scalars(as: Int32.self))
    var byHand = [Double](repeating: 0, count: 12)
    for i in 0..<6 {
      let odds = (0..<3).map { c in Foundation.exp((0..<4).reduce(0.0) { $0 + xs[4 * i + $1] * ws[3 * $1 + c] }) }
      for c in 0..<3 {
        let error = odds[c] / odds.reduce(0, +) - (Int(ys[i]) == c ? 1 : 0)
        for j in 0..<4 { byHand[3 * j + c] += xs[4 * i + j] * error / 6 }
      }
    }
    expectClose(slope.doubles, byHand, 1e-14)
  }

  /// A model that is one number and predicts it for every input.
  private struct Constant: Model { var value: Tensor }

  /// The loss (h/2)(θ − a)² of a constant against a target, with curvature h.
  private static func quadratic(curvature h: Double) -> Objective<Constant> {
    let loss: @Sendable (Tensor, Tensor) -> Tensor = { h / 2 * square($0 - $1).mean() }
    return Objective(
      metric: .meanSquaredError, forward: { model, inputs, _ in model.value + 0 * inputs }, criterion: loss,
      score: loss)
  }

  /// MAML on a quadratic. The inner loss (h/2)(θ − a)² has the gradient h(θ − a), so each step brings θ nearer to a by the
  /// factor 1 − αh:
  ///
  ///     θₖ = a + (1 − αh)ᵏ (θ − a)
  ///
  /// The outer loss (h/2)(θₖ − b)² then has the gradient
  ///
  ///     dL/dθ = h(θₖ − b) · dθₖ/dθ = h(θₖ − b) · (1 − αh)ᵏ        second order
  ///     dL/dθ ≈ h(θₖ − b)                                         first order, which takes dθₖ/dθ for 1
  ///     dL/dα = h(θₖ − b) · dθₖ/dα = −h(θₖ − b) · k h (1 − αh)ᵏ⁻¹ (θ − a)
  @Test(arguments: [1, 2, 5]) func mamlOnAQuadratic(steps: Int) {
    let (h, alpha, theta, a, b) = (3.0, 0.1, 2.0, -1.0, 0.5)
    let factor = Foundation.pow(1 - alpha * h, Double(steps))
    let adapted = a + factor * (theta - a)
    let outer = h * (adapted - b)
    let byRate = -outer * Double(steps) * h * Foundation.pow(1 - alpha * h, Double(steps - 1)) * (theta - a)

    func batch(_ target: Double) -> Batch {
      Batch(inputs: .zeros([1, 1], .float64), targets: .full([1, 1], target, .float64))
    }
    let episode = Episode(support: batch(a), query: batch(b), shape: EpisodeShape(ways: 1, shots: 1, queries: 1))
    let model = Constant(value: Tensor(theta, .float64))
    let objective = Self.quadratic(curvature: h)

    let maml = MAML(innerRate: alpha, steps: steps)
    let fast = maml.adapt(model, to: episode.support, objective: objective)
    expectClose([fast.value.item()], [adapted], 1e-14, "adapted")
    let second = maml.metaGradient(at: model, on: [episode], objective: objective)
    expectClose([second.value.item()], [h / 2 * (adapted - b) * (adapted - b)], 1e-14, "outer loss")
    expectClose([second.gradient.value.item()], [outer * factor], 1e-14, "second order")
    let first = MAML(innerRate: alpha, steps: steps, order: .first).metaGradient(
      at: model, on: [episode], objective: objective)
    expectClose([first.gradient.value.item()], [outer], 1e-14, "first order")
    let rate = gradient(at: maml.inner) { inner in
      MAML(inner: inner, steps: steps).outerLoss(model, episode, objective: objective).loss
    }
    expectClose([rate.learningRate.item()], [byRate], 1e-14, "by the inner rate")
  }
}
