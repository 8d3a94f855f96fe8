import CKernels
import Testing

@testable import Tensors

/// Random bits against published ones, and distributions against their moments.
@Suite struct RandomTests {
  let key = RandomKey(seed: 11)

  /// Random123's kat_vectors for philox4x32-10.
  @Test(
    arguments: [
      ([0, 0, 0, 0, 0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      (
        [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344, 0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ] as [([UInt32], [UInt32])]) func knownAnswers(_ sample: ([UInt32], [UInt32]))
  {
    let w = sample.0.map { UInt64($0) }
    var out: [UInt32] = [0, 0, 0, 0]
    ck_philox(w[4] | w[5] << 32, w[0] | w[1] << 32, w[2] | w[3] << 32, &out)
    #expect(out == sample.1)
  }

  @Test(arguments: [ScalarType.float32, .float64]) func moments(_ type: ScalarType) {
    let n = 1_000_000.0
    let u = Tensor.randomUniform([1_000_000], key: key, type).cast(to: .float64)
    #expect(u.min().item() >= 0 && u.max().item() < 1)
    // Five standard errors.
    #expect(Swift.abs(u.mean().item() - 0.5) < 5 * (1 / 12.0 / n).squareRoot())
    #expect(Swift.abs(u.variance().item() - 1 / 12.0) < 5 * (1 / 180.0 / n).squareRoot())
    let z = Tensor.randomNormal([1_000_000], key: key, type).cast(to: .float64)
    for (power, expected, spread) in [(1.0, 0.0, 1.0), (2, 1, 2), (3, 0, 15), (4, 3, 96)] {
      #expect(Swift.abs(pow(z, power).mean().item() - expected) < 5 * (spread / n).squareRoot(), "moment \(power)")
    }
    // Both numbers of each pair, and neighbours, are unrelated.
    #expect(Swift.abs((z[..<(-1)] * z[1...]).mean().item()) < 5 / n.squareRoot())
    #expect(Tensor.randomUniform([3], in: -4 ..< -2, key: key, type).doubles.allSatisfy { (-4 ..< -2).contains($0) })
    let scaled = Tensor.randomNormal([100_000], mean: 3, standardDeviation: 2, key: key, type).cast(to: .float64)
    #expect(Swift.abs(scaled.mean().item() - 3) < 0.04 && Swift.abs(scaled.variance().item() - 4) < 0.1)
  }

  /// Near 2, float32 is too coarse for the greatest uniform numbers plus 1, which must not round up to 2.
  @Test func upperEndIsLeftOut() {
    for seed in 0..<4 {
      let x = Tensor.randomUniform([100_000], in: 1..<(1 + 0x1p-20), key: RandomKey(seed: UInt64(seed)))
      #expect(x.max().item() < 1 + 0x1p-20 && x.min().item() >= 1)
    }
  }

  @Test func permutations() {
    for count in [0, 1, 2, 100, 1000] {
      let p: [Int32] = Tensor.randomPermutation(count, key: key).scalars()
      #expect(p.sorted() == (0..<Int32(count)).map { $0 })
      if count >= 100 { #expect(p != p.sorted()) }
    }
    // All orders of three are equally likely.
    var counts: [[Int32]: Int] = [:]
    for i in 0..<6000 { counts[Tensor.randomPermutation(3, key: key[i]).scalars(), default: 0] += 1 }
    #expect(counts.count == 6 && counts.values.allSatisfy { Swift.abs($0 - 1000) < 150 })
  }

  @Test func categoricalFrequencies() {
    let p = [0.1, 0.2, 0.0, 0.7]
    let logits = log(Tensor(p)).broadcast(to: [100_000, 4])
    let drawn = Tensor.randomCategorical(logits: logits, key: key)
    #expect(drawn.shape == [100_000] && drawn.scalarType == .int32)
    let frequencies = drawn.oneHot(4, .float64).mean(0).doubles
    for (f, p) in zip(frequencies, p) { #expect(Swift.abs(f - p) <= 5 * (p * (1 - p) / 100_000).squareRoot()) }
    let coins = Tensor.randomBernoulli([100_000], probability: 0.3, key: key).cast(to: .float32).mean().item()
    #expect(Swift.abs(coins - 0.3) < 0.01)
    #expect(Tensor.randomBernoulli([1000], probability: 1, key: key).cast(to: .float32).mean().item() == 1)
    #expect(Tensor.randomBernoulli([1000], probability: 0, key: key).cast(to: .float32).mean().item() == 0)
  }

  @Test func keysAreIndependentAndReproducible() {
    func numbers(_ key: RandomKey) -> Tensor { .randomNormal([100_000], key: key, .float64) }
    #expect(numbers(key).doubles == numbers(RandomKey(seed: 11)).doubles)
    let (a, b) = key.split()
    #expect((a, b) == (key[0], key[1]) && key.split(into: 2) == [a, b])
    let families = [key, a, b, key[-1], a[0], b[0], RandomKey(seed: 12)]
    #expect(Set(families).count == families.count)
    for (i, x) in families.enumerated() {
      for y in families[(i + 1)...] {
        let correlation = (numbers(x) * numbers(y)).mean().item()
        #expect(Swift.abs(correlation) < 5 / 100_000.0.squareRoot())
      }
    }
    // The start of a longer draw is the shorter draw.
    #expect(Tensor.randomUniform([5], key: key).floats == Array(Tensor.randomUniform([9], key: key).floats[..<5]))
    // Fixed once and for all: another machine, or another version, must not train another model.
    #expect(RandomKey(seed: 0).bits == RandomKey(seed: 0).bits && RandomKey(seed: 0).bits != 0)
  }

  @Test func generatorOnTheHost() {
    var numbers = key.makeGenerator()
    let draws = (0..<60_000).map { _ in numbers.below(6) }
    for face in 0..<6 { #expect(Swift.abs(draws.filter { $0 == face }.count - 10_000) < 500) }
    let chosen = numbers.choose(50, outOf: 60)
    #expect(Set(chosen).count == 50 && chosen.allSatisfy { (0..<60).contains($0) })
    let u = (0..<1000).map { _ in numbers.uniform(2..<3) }
    #expect(u.allSatisfy { (2..<3).contains($0) } && Set(u).count == 1000)
    #expect(numbers.choose(0, outOf: 0).isEmpty)
    var again = key.makeGenerator()
    #expect((0..<60_000).map { _ in again.below(6) } == draws)
  }
}
