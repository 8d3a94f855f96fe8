import ArgumentParser
import Foundation
import MetaLearning

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell the classes of pictures by a model that was adapted to them.",
    usage: "metalearn predict <model> <picture> ... [--json]",
    discussion: """
      EXAMPLE:
        metalearn predict model.safetensors new/1.png new/2.jpg
      """)

  @Argument(help: .init("The file that 'metalearn adapt --support' wrote.", valueName: "model")) var model: String
  @Argument(help: .init("PNG or JPEG files.", valueName: "picture")) var pictures: [String]
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var file: String
    var prediction: String
    var probability: Double
    var probabilities: [String: Double]
  }

  func run() throws {
    output.startProfile()
    let model = try AdaptedModel(contentsOf: URL(fileURLWithPath: self.model))
    let images = try pictures.map { try DecodedImage(contentsOf: URL(fileURLWithPath: $0)) }
    for (file, prediction) in zip(pictures, model.predict(images)) {
      output.say("\(file)  \(prediction.className)  \(String(format: "%.1f", 100 * prediction.probability)) %")
      let named = zip(model.classNames, prediction.probabilities)
      try output.emit(
        Line(
          file: file, prediction: prediction.className, probability: prediction.probability,
          probabilities: Dictionary(named) { first, _ in first }))
    }
  }
}
