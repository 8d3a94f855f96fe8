import Foundation

/// Which characters of Omniglot are trained on and which are kept for validation and test.
public enum OmniglotSplit: String, CaseIterable, Sendable, Codable {
  /// 1,028 characters to train, 172 to validate and 423 to test on: the split of Vinyals et al. (2016), as published
  /// with prototypical networks (Snell et al., 2017), from the lists `train.txt`, `val.txt` and `test.txt` in the
  /// folder `splits_vinyals`.
  case vinyals

  /// The same with the validation characters trained on as well (`trainval.txt`), for final results.
  case vinyalsTrainval

  /// The authors' own split: 964 characters of 30 background alphabets to train and 659 of 20 others to test on.
  case background
}

/// The Omniglot data set of handwritten characters (Lake, Salakhutdinov and Tenenbaum, 2015): 1,623 characters of
/// 50 alphabets, each drawn by 20 people.
public enum Omniglot {
  /// The number of drawings of each character.
  public static let drawingsPerCharacter = 20

  /// Loads the data set from its official archives `images_background.zip` and `images_evaluation.zip`.
  ///
  /// Ink is 1. A class is named `Alphabet/character01`, or with rotations `Alphabet/character01/rot090`, where the
  /// angle is counter-clockwise, as in the files of the split. The drawings of a class stay in the order of the
  /// archive's file names.
  ///
  /// - Parameters:
  ///   - directory: the folder with the archives and, for Vinyals' split, the folder `splits_vinyals`.
  ///   - size: the new height and width; the original is 105.
  ///   - resampling: how the size is changed.
  ///   - rotations: whether the quarter turns of each character are classes of their own, four times as many.
  ///   - split: which characters go where.
  /// - Throws: a ``UserError`` that names the file when one is missing, damaged or not as expected.
  public static func load(
    from directory: URL, size: Int = 28, resampling: Resampling = .antialiased, rotations: Bool = true,
    split: OmniglotSplit = .vinyals
  ) throws -> DatasetSplit {
    guard size > 0 else { throw UserError("Omniglot in size \(size): the size must be positive") }
    try InputFile.checkFolder(directory, expected: "images_background.zip and images_evaluation.zip")
    let background = try OmniglotArchive(directory.appendingPathComponent("images_background.zip"))
    let evaluation = try OmniglotArchive(directory.appendingPathComponent("images_evaluation.zip"))
    let drawings = OmniglotDrawings(size: size, resampling: resampling)

    func images(_ list: String) throws -> LabeledImages {
      let url = directory.appendingPathComponent("splits_vinyals").appendingPathComponent(list)
      let rotated = try RotatedCharacter.list(url).filter { rotations || $0.turns == 0 }
      return try drawings.images(of: rotated, withRotations: rotations) { character in
        guard let found = background.drawings[character] ?? evaluation.drawings[character] else {
          throw UserError("\(url.path) names \(character), which is in neither archive of \(directory.path)")
        }
        return found
      }
    }

    func images(_ archive: OmniglotArchive) throws -> LabeledImages {
      let rotated = archive.characters.flatMap { character in
        (0..<(rotations ? 4 : 1)).map { RotatedCharacter(character: character, turns: $0) }
      }
      return try drawings.images(of: rotated, withRotations: rotations) { archive.drawings[$0] ?? [] }
    }

    switch split {
    case .vinyals:
      return DatasetSplit(
        train: try images("train.txt"), validation: try images("val.txt"), test: try images("test.txt"))
    case .vinyalsTrainval:
      return DatasetSplit(train: try images("trainval.txt"), test: try images("test.txt"))
    case .background:
      return DatasetSplit(train: try images(background), test: try images(evaluation))
    }
  }
}

/// A character under a number of quarter turns: a line of a split's list.
struct RotatedCharacter: Equatable {
  let character: String
  let turns: Int

  /// The name of its class in the split's lists.
  var name: String { character + "/rot" + ["000", "090", "180", "270"][turns] }

  init(character: String, turns: Int) {
    self.character = character
    self.turns = turns
  }

  /// Reads `Alphabet/character01/rot090`.
  private init?(_ line: Substring) {
    let parts = line.split(separator: "/")
    guard parts.count == 3, let turns = ["rot000", "rot090", "rot180", "rot270"].firstIndex(of: parts[2]) else {
      return nil
    }
    self.init(character: "\(parts[0])/\(parts[1])", turns: turns)
  }

  /// The characters named in a split's list, one a line.
  static func list(_ url: URL) throws -> [RotatedCharacter] {
    let expected = "a list of lines such as Greek/character01/rot090"
    let text = String(decoding: try InputFile.bytes(of: url, expected: expected), as: UTF8.self)
    return try text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
      .filter { !$0.element.isEmpty }
      .map { index, line in
        guard let character = RotatedCharacter(line) else {
          throw UserError("\(url.path), line \(index + 1): \"\(line)\" is not of the form Greek/character01/rot090")
        }
        return character
      }
  }
}
