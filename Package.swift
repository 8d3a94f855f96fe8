// swift-tools-version: 6.1
import PackageDescription

/// Cairo, libarchive and libjpeg-turbo come from the system; iOS builds without them and says so when a file needs them.
let desktop: [Platform] = [.linux, .macOS]

let package = Package(
  name: "swift-metalearning",
  platforms: [.macOS(.v14), .iOS(.v17)],
  products: [
    .library(name: "MetaLearning", targets: ["MetaLearning"]),
    .library(name: "Adaptation", targets: ["Adaptation"]),
    .executable(name: "metalearn", targets: ["metalearn"]),
  ],
  traits: [
    .default(enabledTraits: ["Serve"]),
    .trait(name: "Serve", description: "The command 'metalearn serve', by Hummingbird."),
    .trait(
      name: "oneDNN",
      description: "Larger matrix products by oneDNN, which has to be installed (libdnnl-dev, 2.x or 3.x)."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
    .systemLibrary(
      name: "CCairo", pkgConfig: "cairo",
      providers: [.apt(["libcairo2-dev"]), .brew(["cairo"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
    .target(
      name: "CKernels",
      cSettings: [.define("CK_ONEDNN", .when(traits: ["oneDNN"]))],
      linkerSettings: [.linkedLibrary("dnnl", .when(traits: ["oneDNN"]))]),
    .target(name: "Tensors", dependencies: ["CKernels"]),
    .target(name: "NeuralNetworks", dependencies: ["Tensors"]),
    .target(
      name: "FewShot",
      dependencies: [
        "NeuralNetworks", .product(name: "SwiftCSV", package: "SwiftCSV"),
        .target(name: "CArchive", condition: .when(platforms: desktop)),
        .target(name: "CCairo", condition: .when(platforms: desktop)),
        .target(name: "CTurboJPEG", condition: .when(platforms: desktop)),
      ]),
    .target(name: "Adaptation", dependencies: ["FewShot"]),
    .target(
      name: "Training",
      dependencies: [
        "Adaptation",
        .target(name: "CCairo", condition: .when(platforms: desktop)),
      ]),
    .target(
      name: "MetaLearning",
      dependencies: [
        "Training", .product(name: "Yams", package: "Yams"),
      ],
      plugins: ["EmbedRecipes"]),
    .plugin(name: "EmbedRecipes", capability: .buildTool(), dependencies: ["recipe-embedder"]),
    .executableTarget(name: "recipe-embedder", path: "Plugins/RecipeEmbedder"),
    .executableTarget(
      name: "metalearn",
      dependencies: [
        "MetaLearning", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Hummingbird", package: "hummingbird", condition: .when(platforms: desktop, traits: ["Serve"])),
      ]),
    .executableTarget(
      name: "example-linear-regression", dependencies: ["MetaLearning"], path: "Examples/LinearRegression"),
    .executableTarget(
      name: "example-logistic-regression", dependencies: ["MetaLearning"], path: "Examples/LogisticRegression"),
    .executableTarget(
      name: "example-sinusoid-maml", dependencies: ["MetaLearning"], path: "Examples/SinusoidMAML"),
    .executableTarget(
      name: "example-mnist-by-hand", dependencies: ["MetaLearning"], path: "Examples/MNISTByHand"),
    .executableTarget(
      name: "example-few-shot-characters", dependencies: ["MetaLearning"], path: "Examples/FewShotCharacters"),
    .testTarget(
      name: "TensorsTests", dependencies: ["Tensors", "CKernels"], resources: [.copy("Fixtures")]),
    .testTarget(name: "NeuralNetworksTests", dependencies: ["NeuralNetworks"], resources: [.copy("Fixtures")]),
    .testTarget(name: "FewShotTests", dependencies: ["FewShot"], resources: [.copy("Fixtures")]),
    .testTarget(name: "AdaptationTests", dependencies: ["Adaptation"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training"]),
    .testTarget(name: "MetaLearningTests", dependencies: ["MetaLearning"], resources: [.copy("Fixtures")]),
  ],
  swiftLanguageModes: [.v6]
)
