// Logistic regression: the gradient of the cross-entropy, computed and worked by hand, and a classifier from it.
import MetaLearning

// 200 points of the plane, drawn from a key: the same in every run. Each row of the matrix x, the
// X of the formulas, is (1, x₁, x₂), so that the first weight is the intercept.
let key = RandomKey(seed: 1)
let points = Tensor.randomNormal([200, 2], key: key[0], .float64)
let x = concatenate([.ones([200, 1], .float64), points], axis: 1)

// Points are of class 1 with the probability σ(0.5 + 2x₁ − x₂), so that no line separates the classes.
let odds = matmul(x, Tensor([0.5, 2, -1], .float64))
let y = (Tensor.randomUniform([200], key: key[1], .float64) .< sigmoid(odds)).cast(to: .float64)

/// The cross-entropy L(w) = −(1/n) Σ (yᵢ log pᵢ + (1 − yᵢ) log(1 − pᵢ)) with p = σ(Xw).
///
/// It is computed from the logits Xw rather than from p, so that no logarithm of zero can come up.
func loss(_ w: Tensor) -> Tensor { binaryCrossEntropy(logits: matmul(x, w), targets: y) }

var w = Tensor.zeros([3], .float64)
let computed = gradient(at: w, of: loss)

// By hand: ∂L/∂zᵢ = (pᵢ − yᵢ) / n for the logits z = Xw, because σ′ = σ(1 − σ); then by the chain rule
//   ∂L/∂w = Xᵀ(p − y) / n
let p = sigmoid(matmul(x, w))
let byHand = matmul(x.transposed(), p - y) / 200

print("The gradient of the cross-entropy at w = 0:")
print("  gradient(at:)", computed)
print("  Xᵀ(p − y) / n", byHand)

// Gradient descent: w ← w − ∇L(w). A tensor is a point like any model.
print("\nGradient descent:")
for step in 0...300 {
  let (value, slope) = valueAndGradient(at: w, of: loss)
  if step % 100 == 0 { print("  step \(step): loss \(value), |∇L| = \(slope.norm())") }
  w -= slope
}

let isRight = (matmul(x, w) .> 0) .== (y .> 0.5)
print("\nThe weights found:", w, " drawn with: [0.5 2. -1.]")
print("Right:", isRight.cast(to: .float64).mean(), " with the weights drawn with:", rightWithTruth())

/// No classifier can do better in the long run than the weights that the classes were drawn with.
func rightWithTruth() -> Tensor { ((odds .> 0) .== (y .> 0.5)).cast(to: .float64).mean() }
