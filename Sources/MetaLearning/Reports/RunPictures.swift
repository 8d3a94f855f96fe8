import Foundation

/// The pictures in the folder of a run, in the order in which one looks at them.
struct RunPictures {
  struct File {
    var name: String
    /// The kind of file, as browsers know it.
    var type: String
    var data: Data
    var caption: String
  }

  let all: [File]

  init(in folder: RunFolder) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []
    // By number, not by letter: adapted-2 comes before adapted-10.
    let adapted = names.compactMap { name in
      name.hasPrefix("adapted-") && name.hasSuffix(".svg") ? UInt64(name.dropFirst(8).dropLast(4)) : nil
    }.sorted()
    let known =
      [
        ("curves", "The course of training"), ("adaptation", "Before adaptation and after each step"),
        ("sheet", "A new task: support examples, and queries with their predictions"),
        ("tasks", "New tasks: before and after adaptation"), ("confusion", "Which classes are taken for which"),
      ] + adapted.map { ("adapted-\($0)", "Adapted to the task of seed \($0)") }
    all = known.compactMap { name, caption in
      for (ending, type) in [("svg", "image/svg+xml"), ("png", "image/png")] {
        guard let data = FileManager.default.contents(atPath: folder.file("\(name).\(ending)").path) else { continue }
        return File(name: name, type: type, data: data, caption: caption)
      }
      return nil
    }
  }
}
