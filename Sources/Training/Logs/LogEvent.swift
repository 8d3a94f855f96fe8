/// An entry of TensorBoard's logs: the message `Event` of its `event.proto`, and those of `summary.proto` in it.
struct LogEvent {
  enum Content {
    /// The first entry of a file, by which readers know its format.
    case version
    /// What was logged earlier at this step and later ones does not count.
    case start
    case scalars([(tag: String, value: Double)])
    /// A PNG file.
    case image(tag: String, PNGSize, [UInt8])
    /// Markdown.
    case text(tag: String, String)
  }

  /// The width and the height that a PNG file says it has.
  struct PNGSize: Equatable {
    var width: Int
    var height: Int

    /// Nil where the bytes are not a PNG file.
    init?(_ png: [UInt8]) {
      guard png.count >= 24, png.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return nil }
      func number(_ start: Int) -> Int { png[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) } }
      (width, height) = (number(16), number(20))
    }
  }

  /// Seconds since 1970.
  var time: Double
  var step: Int
  var content: Content

  /// The bytes of the message.
  var message: [UInt8] {
    var event = ProtobufWriter()
    event.double(1, time)
    event.integer(2, step)
    switch content {
    case .version: event.text(3, "brain.Event:2")
    case .start: event.message(7) { $0.integer(1, 1) }
    case .scalars(let scalars):
      event.message(5) { summary in
        for (tag, value) in scalars {
          summary.message(1) { entry in
            entry.text(1, tag)
            entry.float(2, Float(value))
          }
        }
      }
    case .image(let tag, let size, let png):
      event.message(5) { summary in
        summary.message(1) { entry in
          entry.text(1, tag)
          entry.message(4) { image in
            image.integer(1, size.height)
            image.integer(2, size.width)
            // Red, green, blue and opacity.
            image.integer(3, 4)
            image.data(4, png)
          }
        }
      }
    case .text(let tag, let markdown):
      event.message(5) { summary in
        summary.message(1) { entry in
          entry.text(1, tag)
          // Texts are tensors of one string, and for the plugin that is named.
          entry.message(8) { tensor in
            tensor.integer(1, 7)
            tensor.message(2) { shape in shape.message(2) { $0.integer(1, 1) } }
            tensor.text(8, markdown)
          }
          entry.message(9) { metadata in metadata.message(1) { $0.text(1, "text") } }
        }
      }
    }
    return event.bytes
  }

  /// The message as a record of a file (TFRecord): its length, a check of that, the message, a check of this.
  var record: [UInt8] {
    let message = message
    let length = UInt64(message.count).littleEndianBytes
    return length + CRC32C.masked(length).littleEndianBytes + message + CRC32C.masked(message).littleEndianBytes
  }
}
