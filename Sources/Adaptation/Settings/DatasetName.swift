/// The data that the command line knows by name.
public enum DatasetName: String, Sendable, Codable, CaseIterable {
  /// Sinusoids of random amplitude and phase, made as needed.
  case sinusoid
  /// Handwritten-like characters made from random strokes; needs no files.
  case alphabet
  /// 1,623 handwritten characters, from the two zip files of the official release.
  case omniglot
  /// Handwritten digits, from IDX files.
  case mnist
  /// Pictures of clothes, from IDX files.
  case fashionMNIST = "fashion-mnist"
  /// CIFAR-100's pictures, its classes split at random.
  case cifarFS = "cifar-fs"
  /// CIFAR-100's pictures, its families of classes split.
  case fc100
  /// Pictures of one's own: a folder with a folder of PNG or JPEG files for each class.
  case folder
  /// Regression tasks of one's own: a table with a column for the task, one for the target, and features.
  case table
  /// Classification tasks of one's own: the same with a class as the target.
  case classTable = "class-table"
  /// Examples of one's own with labels, in a file of arrays: NumPy's or safetensors.
  case arrays

  /// Finds a name; throws a `UserError` that suggests the nearest ones where there is none like it.
  public init(named name: String) throws {
    if let known = DatasetName(rawValue: name.lowercased()) {
      self = known
      return
    }
    let all = DatasetName.allCases.map(\.rawValue)
    let near = all.filter { editDistance($0, name.lowercased()) <= max(2, name.count / 2) }
    let hint =
      near.isEmpty ? "known are \(all.joined(separator: ", "))" : "did you mean \(near.joined(separator: " or "))?"
    throw UserError("There is no data set '\(name)': \(hint)")
  }

  /// All names, for sentences.
  package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// Whether its tasks ask for numbers rather than classes.
  public var isRegression: Bool { self == .sinusoid || self == .table }

  /// What models of it are judged by.
  public var metric: Metric { isRegression ? .meanSquaredError : .accuracy }

  /// Whether it is somebody's own.
  public var isOwn: Bool { self == .folder || self == .arrays || isTable }

  /// Whether its tasks are those of a table.
  public var isTable: Bool { self == .table || self == .classTable }

  /// Whether its examples are images.
  public var hasImages: Bool { !isRegression && !isTable }

  /// Whether it is read from files.
  public var needsFiles: Bool { self != .sinusoid && self != .alphabet }
}

/// The number of letters that must be put in, left out or exchanged to turn one word into another (Levenshtein).
package func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var row = Array(0...b.count)
  for i in a.indices {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.count]
}
