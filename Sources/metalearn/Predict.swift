import ArgumentParser
import Foundation
import MetaLearning

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell the classes of new examples, or their numbers, by a model that was adapted.",
    usage: "metalearn predict <model> <file> ... [--json]",
    discussion: """
      The files are of the kind that the model was adapted to: PNG or JPEG pictures,
      tables with the features' columns, or .npy arrays of examples.

      EXAMPLES:
        metalearn predict model.safetensors new/1.png new/2.jpg
        metalearn predict shop.safetensors tomorrow.csv
      """)

  @Argument(help: .init("The file that 'metalearn adapt --support' wrote.", valueName: "model")) var model: String
  @Argument(help: .init("Pictures, tables or arrays.", valueName: "file")) var files: [String]
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var file: String
    /// Of a table or an array, counted from 1.
    var row: Int?
    var prediction: String?
    var probability: Double?
    var probabilities: [String: Double]?
    var value: JSONNumber?
  }

  func run() throws {
    output.startProfile()
    let model = try AdaptedModel(contentsOf: URL(fileURLWithPath: self.model))
    guard case .pictures = model.form else {
      for file in files { try tell(file, model.form.examples(in: file), model) }
      return
    }
    let images = try files.map { try DecodedImage(contentsOf: URL(fileURLWithPath: $0)) }
    for (file, prediction) in zip(files, model.predict(images)) { try tell(file, nil, prediction, model) }
  }

  private func tell(_ file: String, _ inputs: Tensor, _ model: AdaptedModel) throws {
    guard model.classNames.isEmpty else {
      for (index, prediction) in model.predictions(for: inputs).enumerated() {
        try tell(file, index + 1, prediction, model)
      }
      return
    }
    for (index, value) in model.values(for: inputs).enumerated() {
      output.say("\(file), row \(index + 1)  \(Float(value))")
      try output.emit(Line(file: file, row: index + 1, value: JSONNumber(value)))
    }
  }

  private func tell(_ file: String, _ row: Int?, _ prediction: AdaptedModel.Prediction, _ model: AdaptedModel) throws {
    let place = row.map { "\(file), row \($0)" } ?? file
    output.say("\(place)  \(prediction.className)  \(String(format: "%.1f", 100 * prediction.probability)) %")
    let named = zip(model.classNames, prediction.probabilities)
    try output.emit(
      Line(
        file: file, row: row, prediction: prediction.className, probability: prediction.probability,
        probabilities: Dictionary(named) { first, _ in first }))
  }
}

extension InputForm {
  /// The examples of a table or an array.
  fileprivate func examples(in file: String) throws -> Tensor {
    let url = URL(fileURLWithPath: file)
    switch self {
    case .pictures: preconditionFailure("pictures are one a file")
    case .rows(let form): return try form.inputs(of: TableFile(contentsOf: url))
    case .values(let shape): return try NumPyArray(contentsOf: url).examples(of: shape, name: file)
    }
  }
}
