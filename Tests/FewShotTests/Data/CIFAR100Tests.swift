import Foundation
import Testing

@testable import FewShot

@Suite struct CIFAR100Tests {
  private let folder = try! TemporaryFolder()

  /// The names of the classes of 20 families, as CIFAR-100 has them.
  private static let families: [(name: String, classes: [String])] = [
    ("aquatic_mammals", ["beaver", "dolphin", "otter", "seal", "whale"]),
    ("fish", ["aquarium_fish", "flatfish", "ray", "shark", "trout"]),
    ("flowers", ["orchid", "poppy", "rose", "sunflower", "tulip"]),
    ("food_containers", ["bottle", "bowl", "can", "cup", "plate"]),
    ("fruit_and_vegetables", ["apple", "mushroom", "orange", "pear", "sweet_pepper"]),
    ("household_electrical_devices", ["clock", "keyboard", "lamp", "telephone", "television"]),
    ("household_furniture", ["bed", "chair", "couch", "table", "wardrobe"]),
    ("insects", ["bee", "beetle", "butterfly", "caterpillar", "cockroach"]),
    ("large_carnivores", ["bear", "leopard", "lion", "tiger", "wolf"]),
    ("large_man-made_outdoor_things", ["bridge", "castle", "house", "road", "skyscraper"]),
    ("large_natural_outdoor_scenes", ["cloud", "forest", "mountain", "plain", "sea"]),
    ("large_omnivores_and_herbivores", ["camel", "cattle", "chimpanzee", "elephant", "kangaroo"]),
    ("medium_mammals", ["fox", "porcupine", "possum", "raccoon", "skunk"]),
    ("non-insect_invertebrates", ["crab", "lobster", "snail", "spider", "worm"]),
    ("people", ["baby", "boy", "girl", "man", "woman"]),
    ("reptiles", ["crocodile", "dinosaur", "lizard", "snake", "turtle"]),
    ("small_mammals", ["hamster", "mouse", "rabbit", "shrew", "squirrel"]),
    ("trees", ["maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree"]),
    ("vehicles_1", ["bicycle", "bus", "motorcycle", "pickup_truck", "train"]),
    ("vehicles_2", ["lawn_mower", "rocket", "streetcar", "tank", "tractor"]),
  ]
  private static let classes = families.flatMap(\.classes).sorted()

  /// Records of `perClass` pictures of each class: red tells the class, green the picture, blue the pixel's row.
  private static func records(_ perClass: Int) -> [UInt8] {
    var records: [UInt8] = []
    for picture in 0..<perClass {
      for (number, name) in classes.enumerated() {
        let family = families.firstIndex { $0.classes.contains(name) }!
        records += [UInt8(family), UInt8(number)]
        records += [UInt8](repeating: UInt8(number), count: 1024)
        records += [UInt8](repeating: UInt8(picture), count: 1024)
        for pixel in 0..<1024 { records.append(UInt8(pixel / 32)) }
      }
    }
    return records
  }

  private func write(train: [UInt8] = records(3), test: [UInt8] = records(1), to path: String = "") throws {
    func lines(_ names: [String]) -> [UInt8] { Array((names.joined(separator: "\n") + "\n").utf8) }
    try folder.write(train, to: path + "train.bin")
    try folder.write(test, to: path + "test.bin")
    try folder.write(lines(Self.classes), to: path + "fine_label_names.txt")
    try folder.write(lines(Self.families.map(\.name)), to: path + "coarse_label_names.txt")
  }

  @Test func coloursOfAPixelLieSideBySide() throws {
    try write()
    let (train, test) = try CIFAR100.load(from: folder.url)
    #expect(train.count == 300 && test.count == 100 && train.exampleShape == [32, 32, 3])
    #expect(train.classNames == Self.classes)
    let image = train.image(at: 107)  // the second picture of class 7
    #expect(train.labels[107] == 7)
    #expect(Array(image[0..<3]) == [Float(7) / 255, Float(1) / 255, 0])
    #expect(Array(image[(31 * 32 + 5) * 3..<(31 * 32 + 6) * 3]) == [Float(7) / 255, Float(1) / 255, Float(31) / 255])
  }

  /// The numbers of classes that the papers give, and that the test's families are in no other part.
  @Test func splitsOfThePapers() throws {
    try write()
    let random = try CIFAR100.load(from: folder.url, split: .cifarFS)
    #expect(random.train.classCount == 64 && random.validation?.classCount == 16 && random.test.classCount == 20)
    #expect(random.test.classNames.contains("worm") && random.train.classNames.contains("lobster"))
    #expect(random.train.indicesByClass.allSatisfy { $0.count == 4 })
    let families = try CIFAR100.load(from: folder.url, split: .fc100)
    #expect(families.train.classCount == 60 && families.validation?.classCount == 20 && families.test.classCount == 20)
    #expect(Set(families.test.classNames).isSuperset(of: ["beaver", "bee", "fox", "woman"]))
    for split in [random, families] {
      let all = split.train.classNames + (split.validation?.classNames ?? []) + split.test.classNames
      #expect(all.sorted() == Self.classes)
    }
  }

  #if canImport(CArchive)
    @Test func theArchiveAsItIsPublished() throws {
      try write(to: "source/cifar-100-binary/")
      let archive = folder.url.appendingPathComponent("cifar-100-binary.tar.gz")
      try run("tar", "-czf", archive.path, "-C", folder.url.appendingPathComponent("source").path, "cifar-100-binary")
      let packed = try CIFAR100.load(from: folder.url, split: .cifarFS)
      let unpacked = try CIFAR100.load(from: folder.url.appendingPathComponent("source"), split: .cifarFS)
      #expect(packed.train == unpacked.train && packed.test == unpacked.test)
      // Cut short, or one bit turned: never other pictures without a word.
      let whole = [UInt8](try Data(contentsOf: archive))
      try folder.write(Array(whole.dropLast(whole.count / 3)), to: "cifar-100-binary.tar.gz")
      expectUserError("cifar-100-binary.tar.gz") { _ = try CIFAR100.load(from: folder.url) }
      var turned = whole
      turned[whole.count / 2] ^= 4
      try folder.write(turned, to: "cifar-100-binary.tar.gz")
      expectUserError("cifar-100-binary.tar.gz", "damaged") { _ = try CIFAR100.load(from: folder.url) }
    }

    private func run(_ arguments: String...) throws {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = arguments
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
    }
  #endif

  @Test func damagedFilesAreErrors() throws {
    expectUserError("neither", "cifar-100-binary.tar.gz") { _ = try CIFAR100.load(from: folder.url) }
    try write(train: Array(Self.records(1).dropLast(5)))
    expectUserError("train.bin", "cut off") { _ = try CIFAR100.load(from: folder.url) }
    try write(train: Array(Self.records(2).dropLast(3074)))
    expectUserError("train.bin", "as many", "cut off") { _ = try CIFAR100.load(from: folder.url) }
    var other = Self.records(1)
    other[3074 * 9 + 1] = 200
    try write(test: other)
    expectUserError("test.bin", "record 9", "class 200") { _ = try CIFAR100.load(from: folder.url) }
    try write()
    try folder.write(Array("a\nb\n".utf8), to: "fine_label_names.txt")
    expectUserError("fine_label_names.txt", "2 lines", "100 classes") { _ = try CIFAR100.load(from: folder.url) }
    try folder.write(Array((0..<100).map { "class\($0)\n" }.joined().utf8), to: "fine_label_names.txt")
    expectUserError("not those of CIFAR-100") { _ = try CIFAR100.load(from: folder.url, split: .cifarFS) }
  }
}
