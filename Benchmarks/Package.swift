// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that who uses the library does not build it.
let package = Package(
  name: "metalearn-bench",
  platforms: [.macOS(.v14)],
  traits: [.default(enabledTraits: []), .trait(name: "oneDNN", description: "As in swift-metalearning.")],
  dependencies: [
    .package(
      name: "swift-metalearning", path: "..",
      traits: [.trait(name: "oneDNN", condition: .when(traits: ["oneDNN"]))]),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
  ],
  targets: [
    .target(name: "CProcess"),
    .executableTarget(
      name: "metalearn-bench",
      dependencies: [
        "CProcess",
        .product(name: "MetaLearning", package: "swift-metalearning"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
