// Linear regression: the gradient of a loss, computed and worked by hand, and the way down it.
import MetaLearning

/// A line y = θ₀ + θ₁x. A model is a struct of tensors; the compiler and `Model` do the rest.
struct Line: Model {
  var intercept: Tensor  // θ₀
  var slope: Tensor  // θ₁

  func callAsFunction(_ x: Tensor) -> Tensor { intercept + slope * x }
}

// Five points near the line y = 1 + 2x.
let x = Tensor([0, 1, 2, 3, 4], .float64)
let y = Tensor([1.1, 2.9, 5.2, 6.8, 9.1], .float64)

var line = Line(intercept: Tensor(0, .float64), slope: Tensor(0, .float64))

// The mean squared error L = (1/n) Σ (θ₀ + θ₁xᵢ − yᵢ)², and its gradient, which is a `Line` too: ∂L/∂θ₀ and ∂L/∂θ₁.
let computed = gradient(at: line) { line in square(line(x) - y).mean() }

// By hand, with the residuals rᵢ = θ₀ + θ₁xᵢ − yᵢ and the chain rule:
//   ∂L/∂θ₀ = (2/n) Σ rᵢ        ∂L/∂θ₁ = (2/n) Σ rᵢ xᵢ
let residuals = line(x) - y
let byHand = Line(intercept: 2 * residuals.mean(), slope: 2 * (residuals * x).mean())

print("At θ₀ = 0, θ₁ = 0:")
print("  ∂L/∂θ₀  gradient(at:)", computed.intercept, " by hand", byHand.intercept)
print("  ∂L/∂θ₁  gradient(at:)", computed.slope, " by hand", byHand.slope)

// Gradient descent: θ ← θ − 0.1 ∇L(θ). Models add, subtract and scale like the vectors of the formula.
print("\nGradient descent:")
for step in 0...200 {
  let (loss, slope) = valueAndGradient(at: line) { line in square(line(x) - y).mean() }
  if [0, 1, 10, 100, 200].contains(step) {
    print("  step \(step): loss \(loss), θ₀ = \(line.intercept), θ₁ = \(line.slope)")
  }
  line -= 0.1 * slope
}

// Where both derivatives are zero: θ₁ = cov(x, y) / var(x), θ₀ = mean(y) − θ₁ mean(x).
let best = ((x - x.mean()) * (y - y.mean())).mean() / x.variance()
print("\nThe minimum by hand: θ₀ = \(y.mean() - best * x.mean()), θ₁ = \(best)")
