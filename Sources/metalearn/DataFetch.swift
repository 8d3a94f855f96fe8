import ArgumentParser
import Foundation
import MetaLearning

extension DataCommand {
  struct Fetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Download a data set from where it is published, and check it.",
      usage: "metalearn data fetch <name> [--out <folder>] [--from <address>] [--json]",
      discussion: """
        The files are checked by their published checksums. Those that are there
        already are kept; a download that broke off goes on where it was.

        EXAMPLE:
          metalearn data fetch mnist --out data/mnist
          metalearn fit --dataset mnist --data data/mnist
        """)

    @Argument(
      help: .init("\(PublishedDataset.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
    var name: String
    @Option(help: .init("The folder for the files. (default: data/<name>)", valueName: "folder")) var out: String?
    @Option(
      help: .init(
        "A mirror: an address below which the files lie as they will in the folder. (default: where they are published)",
        valueName: "address"))
    var from: String?
    @OptionGroup var output: OutputOptions

    private struct Fetched: Encodable {
      var file: String
      var bytes: Int
      var checksum: String
      var wasDownloaded: Bool
    }

    func run() async throws {
      guard let dataset: PublishedDataset = try choice(name, "The data set") else { return }
      let path = out ?? "data/\(dataset.rawValue)"
      let folder = URL(fileURLWithPath: path, isDirectory: true)
      for published in dataset.files {
        let file = from.map { published.mirrored(at: $0) } ?? published
        let wasDownloaded = try await fetch(file, into: folder)
        let size = try folder.appendingPathComponent(file.path).resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        let fetched = Fetched(
          file: "\(path)/\(file.path)", bytes: size, checksum: file.checksum.description, wasDownloaded: wasDownloaded)
        output.say(
          "\(fetched.file)\(wasDownloaded ? "" : " (was there)"), \(size) bytes, \(file.checksum.algorithm.rawValue) as published"
        )
        try output.emit(fetched)
      }
      output.say(
        "Next: metalearn \(dataset == .omniglot ? "train" : "fit") --dataset \(dataset.rawValue) --data \(path)")
    }

    /// Downloads a file with a bar on the terminal.
    private func fetch(_ file: PublishedFile, into folder: URL) async throws -> Bool {
      var bar: ProgressDisplay?
      var last = 0
      defer { bar?.finish() }
      return try await file.fetch(into: folder) { received, total in
        // Where a part was of no use, the server begins again.
        if bar == nil || received < last {
          bar = total.map { ProgressDisplay(total: $0, unit: .bytes, isSilent: output.json) }
        }
        last = received
        bar?.show(received, file.path)
      }
    }
  }
}
