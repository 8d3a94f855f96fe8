/// An endless alphabet of made-up handwritten characters, each of which can be drawn endlessly often.
///
/// A class is one to four smooth strokes; a drawing of it varies the strokes' points, the pen, and the slant, turn,
/// size and place of the whole, as another person's hand would. Everything follows from the key, the number of the
/// class and the number of the drawing alone, so no data has to be stored or loaded:
///
/// ```swift
/// let alphabet = AlphabetGenerator(key: RandomKey(seed: 1))
/// let train = alphabet.dataset(classes: 0..<1000)
/// let test = alphabet.dataset(classes: 1000..<1200)
/// ```
///
/// The way it is built, from strokes that are reused and attached to one another and then drawn anew with noise of
/// each kind, follows Lake, Salakhutdinov and Tenenbaum, "Human-level concept learning through probabilistic program
/// induction" (2015); the numbers are tuned so that it is about as hard as Omniglot for nearest neighbours in pixels.
public struct AlphabetGenerator: Sendable {
  /// The source of all classes and drawings.
  public let key: RandomKey

  /// The height and width of an image in pixels.
  public let size: Int

  /// An alphabet for a key, drawn in images of `size` by `size` pixels.
  public init(key: RandomKey, size: Int = 28) {
    guard size > 0 else { stop("AlphabetGenerator: the size of an image must be positive; given was \(size)") }
    self.key = key
    self.size = size
  }

  /// One drawing of one class row by row, `size * size` values from 0 (background) to 1 (ink) in steps of 1/255.
  public func image(ofClass number: Int, drawing: Int) -> [Float] {
    bytes(of: strokes(ofClass: number), class: number, drawing: drawing).map { Float($0) / 255 }
  }

  /// A data set of the first `drawingsPerClass` drawings of some classes, class by class.
  public func dataset(classes: Range<Int>, drawingsPerClass: Int = 20) -> LabeledImages {
    guard drawingsPerClass > 0 else {
      stop("AlphabetGenerator: the drawings of a class must be positive; given were \(drawingsPerClass)")
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(classes.count * drawingsPerClass * size * size)
    for number in classes {
      let strokes = strokes(ofClass: number)
      for drawing in 0..<drawingsPerClass { pixels += bytes(of: strokes, class: number, drawing: drawing) }
    }
    let labels = ClassLabels(perClass: drawingsPerClass, names: classes.map { "character \($0)" })
    return LabeledImages(height: size, width: size, pixels: pixels, classes: labels)
  }

  // MARK: Classes

  /// The strokes of a class as points to pass through, within a square of side 1 round the origin.
  func strokes(ofClass number: Int) -> [[Point]] {
    var random = key[number].makeGenerator()
    // Characters of one to four strokes, in the proportions 2 : 4 : 3 : 1.
    let count = [1, 1, 2, 2, 2, 2, 3, 3, 3, 4][random.below(10)]
    var strokes: [[Point]] = []
    // A single straight line would be no character: too many others would look the same.
    for _ in 0..<count {
      // A later stroke mostly starts at a point of an earlier one, and is now and then a copy of its shape.
      let earlier = strokes.isEmpty ? [] : strokes[random.below(strokes.count)]
      let attached = !earlier.isEmpty && random.uniform() < 0.6
      let start = attached ? earlier[random.below(earlier.count)] : random.point(within: 0.4)
      if !earlier.isEmpty, random.uniform() < 0.15 {
        let shift = random.point(within: 0.45)
        strokes.append(earlier.map { $0 + shift })
      } else {
        strokes.append(Self.stroke(from: start, mayBeStraight: count > 1, &random))
      }
    }
    return Self.fitted(strokes)
  }

  /// A pen's way: a straight line, a way with corners, or a curve that keeps turning one way and now and then back.
  private static func stroke(from start: Point, mayBeStraight: Bool, _ random: inout KeyedGenerator) -> [Point] {
    // Writing prefers the upright, the level and the slanted; headings are in eighths of a turn.
    var heading = Float(random.below(8)) + 0.15 * random.normal()
    var points = [start]
    func move(_ length: Double) {
      points.append(points[points.count - 1] + direction(ofEighths: heading) * Float(length))
    }
    switch mayBeStraight ? random.below(10) : 3 + random.below(7) {
    case 0..<3:
      move(random.uniform(0.4..<1))
    case 3..<5:
      for _ in 0...1 + random.below(3) {
        move(random.uniform(0.3..<0.6))
        heading += random.uniform() < 0.5 ? 2 : -2
      }
    default:
      var curl = Float(random.uniform(0.7..<1.7)) * (random.uniform() < 0.5 ? 1 : -1)
      let step = random.uniform(0.22..<0.36)
      for _ in 0..<3 + random.below(5) {
        move(step)
        heading += curl + 0.15 * random.normal()
        if random.uniform() < 0.18 { curl = -curl }
      }
    }
    return points
  }

  /// A direction of length 1 for an angle in eighths of a turn, from four quarters of the rational circle.
  private static func direction(ofEighths angle: Float) -> Point {
    let quarter = (angle / 2).rounded()
    // At most an eighth of a turn from an axis, this is the tangent of half the angle to within half a degree.
    let t = (angle - 2 * quarter) * 0.414
    let (cosine, sine) = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    switch Int(quarter) & 3 {
    case 0: return Point(x: cosine, y: sine)
    case 1: return Point(x: -sine, y: cosine)
    case 2: return Point(x: -cosine, y: -sine)
    default: return Point(x: sine, y: -cosine)
    }
  }

  /// The strokes moved to the origin and scaled so that their longer side is 1; the shorter is stretched half the way.
  private static func fitted(_ strokes: [[Point]]) -> [[Point]] {
    var low = Point(x: .infinity, y: .infinity)
    var high = Point(x: -.infinity, y: -.infinity)
    for point in strokes.joined() {
      low = Point(x: min(low.x, point.x), y: min(low.y, point.y))
      high = Point(x: max(high.x, point.x), y: max(high.y, point.y))
    }
    let (middle, extent) = ((low + high) * 0.5, high - low)
    let longer = max(extent.x, extent.y, 0.1)
    let (wide, tall) = (2 / (extent.x + longer), 2 / (extent.y + longer))
    return strokes.map { $0.map { Point(x: ($0.x - middle.x) * wide, y: ($0.y - middle.y) * tall) } }
  }

  // MARK: Drawings

  /// A drawing of the class `number`, whose strokes are given.
  private func bytes(of strokes: [[Point]], class number: Int, drawing: Int) -> [UInt8] {
    var random = key[number][drawing].makeGenerator()
    let side = Float(size)
    let hand = Hand(size: side, &random)
    let penRadius = side * Float(random.uniform(0.024..<0.036))
    var canvas = StrokeCanvas(size: size)
    for stroke in strokes {
      // A stroke is misplaced as a whole, and each of its points a little more.
      let offset = random.normalPoint(deviation: 0.04)
      let points = stroke.map { hand.place($0 + offset + random.normalPoint(deviation: 0.025)) }
      canvas.drawCurve(through: points, penRadius: penRadius)
    }
    return canvas.ink.map { UInt8($0 * 255 + 0.5) }
  }
}

/// What one person's hand does to a whole character: turn, slant, stretch and place.
private struct Hand {
  private let xx: Float
  private let xy: Float
  private let yx: Float
  private let yy: Float
  private let middle: Point

  init(size: Float, _ random: inout KeyedGenerator) {
    let scale = size * Float(random.uniform(0.5..<0.76))
    let (wide, high) = (scale * (1 + 0.1 * random.normal()), scale * (1 + 0.1 * random.normal()))
    let slant = 0.12 * random.normal()
    // Half the angle's tangent: a standard deviation of about 8 degrees.
    let t = 0.07 * random.normal()
    let (cosine, sine) = ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
    xx = cosine * wide
    xy = (cosine * slant - sine) * high
    yx = sine * wide
    yy = (sine * slant + cosine) * high
    middle = Point(x: size / 2, y: size / 2) + random.normalPoint(deviation: size * 0.05)
  }

  func place(_ point: Point) -> Point {
    Point(x: xx * point.x + xy * point.y, y: yx * point.x + yy * point.y) + middle
  }
}

extension KeyedGenerator {
  /// A number that is nearly normal, within ±3.46: the sum of four uniform ones, as exact everywhere as a sum is.
  mutating func normal() -> Float {
    let bits = next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
    return (Float(sum) - 131_070) * (1.732_050_8 / 65_536)
  }

  fileprivate mutating func normalPoint(deviation: Float) -> Point { Point(x: normal(), y: normal()) * deviation }

  /// A point of the square of side `2 * extent` round the origin.
  fileprivate mutating func point(within extent: Double) -> Point {
    Point(x: Float(uniform(-extent..<extent)), y: Float(uniform(-extent..<extent)))
  }
}
