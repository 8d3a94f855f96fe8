import Foundation

@testable import Tensors

/// Reference numbers of `Fixtures/functions.json`, described in `Scripts/fixtures/README.md`.
struct FixtureFile: Decodable {
  struct Numbers: Decodable {
    var shape: [Int]
    var values: [Double]
    var tensor: Tensor { Tensor(values, shape: shape, .float64) }
  }

  struct Unary: Decodable {
    var name: String
    var input, value, first, second: Numbers
  }

  struct Power: Decodable {
    var base, exponent, value, byBase, byBaseTwice: Numbers
    var byExponent, byExponentTwice, byBaseAndExponent: Numbers?
  }

  struct Rows: Decodable {
    struct Case: Decodable {
      var name: String
      var value, cotangent, gradient: Numbers
    }
    var input: Numbers
    var cases: [Case]
  }

  struct Printing: Decodable {
    var name, type: String
    var shape: [Int]
    var values: [Number]
    var str: String
  }

  /// A number that may not be finite, which JSON writes as a string.
  struct Number: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let named = (try? container.decode(String.self)).flatMap(Double.init)
      value = try named ?? container.decode(Double.self)
    }
  }

  var unary: [Unary]
  var pow, powInteger: Power
  var rows: Rows
  var printing: [Printing]

  static let functions: FixtureFile = {
    guard let url = Bundle.module.url(forResource: "functions", withExtension: "json", subdirectory: "Fixtures"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(FixtureFile.self, from: data)
    else { fatalError("Fixtures/functions.json cannot be read") }
    return file
  }()
}
