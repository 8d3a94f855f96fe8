import Foundation

extension ProfileRecord {
  /// The events as JSON in the trace event format, which ui.perfetto.dev and chrome://tracing open.
  ///
  /// Each event is a "complete" one (`"ph":"X"`) on the thread where it happened, in microseconds since the profile began;
  /// kernels lie inside the runs to which they belong. Sizes are those of one call.
  package var trace: [UInt8] {
    let process = ProcessInfo.processInfo
    let pid = process.processIdentifier
    let heads = kernels.map { kernel in
      #"{"ph":"X","cat":"kernel","name":"\#(Self.escaped(kernel.description))","args":{"bytes":\#(kernel.bytesPerCall),"#
        + #""operations":\#(kernel.operationsPerCall)},"#
    }
    var lines = [
      #"{"ph":"M","name":"process_name","pid":\#(pid),"args":{"name":"\#(Self.escaped(process.processName))"}}"#
    ]
    for thread in threads.sorted() {
      lines.append(
        #"{"ph":"M","name":"thread_name","pid":\#(pid),"tid":\#(thread),"args":{"name":"thread \#(thread)"}}"#)
    }
    for event in events {
      let head =
        switch event.what {
        case Span.run.rawValue: #"{"ph":"X","cat":"program","name":"run","#
        case Span.trace.rawValue: #"{"ph":"X","cat":"program","name":"trace","#
        default: heads[Int(event.what)]
        }
      let (start, duration) = (Self.microseconds(event.start - self.start), Self.microseconds(event.duration))
      lines.append(#"\#(head)"pid":\#(pid),"tid":\#(event.thread),"ts":\#(start),"dur":\#(duration)}"#)
    }
    var json = Array(#"{"displayTimeUnit":"ns","otherData":{"eventsLeftOut":\#(eventsLeftOut)},"traceEvents":["#.utf8)
    for (index, line) in lines.enumerated() {
      json += (index == 0 ? "\n" : ",\n").utf8
      json += line.utf8
    }
    return json + Array("\n]}\n".utf8)
  }

  /// To the nanosecond, without the rounding that a Double brings to long times.
  private static func microseconds(_ nanoseconds: Int64) -> String {
    let rest = "\(nanoseconds % 1000)"
    return "\(nanoseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
  }
}
