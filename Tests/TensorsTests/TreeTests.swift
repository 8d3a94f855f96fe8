import Foundation
import Testing

@testable import Tensors

/// Structs of tensors, taken apart and put together by their `Codable` conformance.
@Suite struct TreeTests {
  struct Layer: TensorTree, Equatable {
    var weight = Tensor([[1, 2]])
    var bias: Tensor? = Tensor([3])
    var units = 2
    static func == (a: Self, b: Self) -> Bool {
      a.weight.floats == b.weight.floats && a.bias?.floats == b.bias?.floats && a.units == b.units
    }
  }

  enum Head: TensorTree {
    case none
    case linear(Layer)
    case scaled(by: Tensor, then: [Layer])
  }

  struct Pair<A: TensorTree, B: TensorTree>: TensorTree {
    var first: A
    var second: B
  }

  struct Model: TensorTree {
    var name = "model"
    var layers = [Layer(), Layer(weight: Tensor([[4, 5]]), bias: nil)]
    var head = Head.scaled(by: Tensor(6), then: [Layer()])
    var missing: Layer?
    var table = ["b": Tensor(8), "a": Tensor(7), "c": Tensor(9)]
    var rates: [Double] = [0.1, 0.2]
    var maybe: [Tensor?] = [nil, Tensor(10), nil]
    var counts = Tensor([1, 2] as [Int32])
    @Buffer var mean = Tensor([0, 0])
    var date = Date(timeIntervalSince1970: 1000)
  }

  @Test func namesInOrder() {
    #expect(
      Model().leaves.map(\.name) == [
        "layers.0.weight", "layers.0.bias", "layers.1.weight", "head.scaled.by", "head.scaled.then.0.weight",
        "head.scaled.then.0.bias", "table.a", "table.b", "table.c", "maybe.1", "counts", "mean",
      ])
    let trained = Model().leaves.filter(\.isTrainable).map(\.name)
    #expect(trained.count == 10 && !trained.contains("counts") && !trained.contains("mean"))
    #expect([Layer(), Layer()].leaves.map(\.name) == ["0.weight", "0.bias", "1.weight", "1.bias"])
    #expect([Tensor(1), Tensor(2)].leaves.map(\.name) == ["0", "1"])
    #expect(Tensor(1).leaves.map(\.name) == [""])
    #expect([[Tensor(1)], []].leaves.map(\.name) == ["0.0"])
  }

  @Test func partsOfOneType() {
    let layers = Model().parts(of: Layer.self)
    #expect(layers.map(\.path) == ["layers.0", "layers.1", "head.scaled.then.0"])
    #expect(layers.map(\.leaves) == [0..<2, 2..<3, 4..<6])
    #expect(layers[1].part == Layer(weight: Tensor([[4, 5]]), bias: nil))
    // By a protocol, inner parts first, the tree itself last.
    let both = Pair(first: Held(inner: Held.Inner()), second: Tensor(1)).parts(of: (any HeldInAdaptation).self)
    #expect(both.map(\.path) == ["first.inner", "first"])
    #expect(Held(inner: Held.Inner()).parts(of: Held.self).map(\.path) == [""])
    #expect(Model().parts(of: Buffer.self).map(\.path) == ["mean"])
  }

  struct Held: TensorTree, HeldInAdaptation {
    struct Inner: TensorTree, HeldInAdaptation { var weight = Tensor(1) }
    var inner: Inner
  }

  @Test func replacing() {
    var next = 0.0
    let new = Model().mapTensors { x in
      next += 100
      return .full(x.shape, next)
    }
    #expect(new.layers[0].weight.floats == [100, 100] && new.layers[0].bias?.floats == [200])
    #expect(new.layers[1].weight.floats == [300, 300] && new.layers[1].bias == nil)
    guard case .scaled(let by, let then) = new.head else {
      Issue.record("the enum's case has changed")
      return
    }
    #expect(by.item() == 400 && then[0].bias?.item() == 600)
    #expect(new.table.mapValues { $0.item() } == ["a": 700, "b": 800, "c": 900])
    #expect(new.maybe.map { $0?.item() } == [nil, 1000, nil])
    #expect(new.counts.scalars() == [1, 2] as [Int32] && new.mean.floats == [0, 0])
    #expect(new.name == "model" && new.rates == [0.1, 0.2] && new.missing == nil && new.layers[0].units == 2)
    #expect(new.date == Model().date)
    let sums = Model().mapTensors(with: new, new) { $0 + $1[0] + $1[1] }
    #expect(sums.layers[1].weight.floats == [604, 605])
  }

  @Test func enumsAndGenerics() {
    for head in [Head.none, .linear(Layer()), .scaled(by: Tensor(1), then: [])] {
      let new = head.mapTensors { $0 + 1 }
      switch (head, new) {
      case (.none, .none): #expect(head.leaves.isEmpty)
      case (.linear(let a), .linear(let b)): #expect(b.weight.floats == (a.weight + 1).floats)
      case (.scaled(let a, _), .scaled(let b, let then)): #expect(b.item() == a.item() + 1 && then.isEmpty)
      default: Issue.record("\(head) has become \(new)")
      }
    }
    let pair = Pair(first: [Tensor(1)], second: Pair(first: Layer(), second: Head.none))
    #expect(pair.leaves.map(\.name) == ["first.0", "second.first.weight", "second.first.bias"])
    let g = gradient(at: pair) { p in p.first[0] * p.second.first.weight.sum() }
    #expect(g.first[0].item() == 3 && g.second.first.weight.floats == [1, 1])
    #expect(g.second.first.bias?.item() == 0)
  }

  /// Equal dictionaries iterate in different orders; their tensors come in the order of the keys.
  @Test func dictionaries() {
    struct Named: TensorTree {
      var byName: [String: Tensor] = [:]
      var byNumber: [Int: Tensor] = [:]
      var byHead: [Key: Tensor] = [:]
      enum Key: String, Codable, Hashable, Comparable {
        case left, right, middle
        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
      }
    }
    for size in [1, 5, 30] {
      var tree = Named()
      for i in (0..<size).reversed() {
        tree.byName[String(UnicodeScalar(UInt8(65 + i)))] = Tensor(Double(i))
        tree.byNumber[i] = Tensor(Double(i))
      }
      for (i, key) in [Named.Key.left, .middle, .right].enumerated() { tree.byHead[key] = Tensor(Double(i)) }
      let expected = (0..<size).map(Float.init)
      let g = gradient(at: tree) { tree in
        tree.trainable.map { 0.5 * square($0) }.reduce(Tensor(0), +)
      }
      for copy in [tree, tree.mapTensors { $0 * 1 }, g] {
        #expect(copy.leaves.map { $0.tensor.floats[0] } == expected + expected + [0, 1, 2])
        for (key, value) in copy.byNumber { #expect(value.item() == Double(key)) }
        for (key, value) in copy.byName { #expect(value.item() == Double(key.utf8.first ?? 0) - 65) }
        #expect(copy.byHead[Named.Key.middle]?.item() == 1)
      }
    }
  }

  @Test(arguments: [ScalarType.float32, .float64, .int32, .bool]) func tensorsThroughJSON(_ type: ScalarType) throws {
    let x = Tensor([0.1, -3, 0, 1e-30, 7, 1e9].map { type == .int32 ? $0.rounded() : $0 }, shape: [2, 3], type)
    let read = try JSONDecoder().decode(Tensor.self, from: JSONEncoder().encode(x))
    #expect(read.shape == [2, 3] && read.scalarType == type && read.doubles == x.doubles)
    let empty = try JSONDecoder().decode(Tensor.self, from: JSONEncoder().encode(Tensor.zeros([0, 2], type)))
    #expect(empty.shape == [0, 2] && empty.scalarType == type)
  }

  @Test func structsThroughJSON() throws {
    let read = try JSONDecoder().decode(Model.self, from: JSONEncoder().encode(Model()))
    #expect(read.layers == Model().layers && read.rates == [0.1, 0.2] && read.missing == nil)
    #expect(read.leaves.map { $0.tensor.doubles } == Model().leaves.map { $0.tensor.doubles })
    #expect(read.leaves.map(\.isTrainable) == Model().leaves.map(\.isTrainable))
  }

  @Test(arguments: [
    #"{"shape":[2],"scalarType":"float32","values":[1]}"#,
    #"{"shape":[-1,-1],"scalarType":"float32","values":[1]}"#,
    #"{"shape":[9223372036854775807,2],"scalarType":"float32","values":[1]}"#,
    #"{"shape":[1,1,1,1,1,1,1,1,1,1,1,1,1],"scalarType":"float32","values":[1]}"#,
    #"{"shape":[1],"scalarType":"int32","values":[1e12]}"#,
    #"{"shape":[1],"scalarType":"int32","values":[0.5]}"#,
    #"{"shape":[1],"scalarType":"float16","values":[0.5]}"#,
  ]) func brokenJSONThrows(_ text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Tensor.self, from: Data(text.utf8)) }
  }

  /// A struct that codes itself by hand, in every kind of container.
  struct ByHand: TensorTree {
    var a = Tensor(1)
    var b = Tensor(2)
    var note: String? = nil

    init() {}

    enum Keys: CodingKey { case list, note }

    init(from decoder: any Decoder) throws {
      let keyed = try decoder.container(keyedBy: Keys.self)
      note = try keyed.decodeNil(forKey: .note) ? nil : keyed.decode(String.self, forKey: .note)
      var list = try keyed.nestedUnkeyedContainer(forKey: .list)
      a = try list.decode(Tensor.self)
      guard try list.decodeNil() else { throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "")) }
      var inner = try list.nestedUnkeyedContainer()
      b = try inner.decode(Tensor.self)
    }

    func encode(to encoder: any Encoder) throws {
      var keyed = encoder.container(keyedBy: Keys.self)
      if let note { try keyed.encode(note, forKey: .note) } else { try keyed.encodeNil(forKey: .note) }
      var list = keyed.nestedUnkeyedContainer(forKey: .list)
      try list.encode(a)
      try list.encodeNil()
      var inner = list.nestedUnkeyedContainer()
      try inner.encode(b)
    }
  }

  @Test func codedByHand() {
    var tree = ByHand()
    #expect(tree.leaves.map(\.name) == ["list.0", "list.2.0"])
    tree.note = "kept"
    for note in [nil, "kept"] {
      tree.note = note
      let new = tree.mapTensors { $0 * 10 }
      #expect(new.a.item() == 10 && new.b.item() == 20 && new.note == note)
    }
  }
}
