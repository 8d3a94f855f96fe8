import Foundation

/// An HTTP server on this machine that misbehaves as it is told, on plain sockets.
final class LoopbackServer: Sendable {
  /// What it does with a request for a path.
  struct Answer: Sendable {
    var status = 200
    var body: [UInt8] = []
    /// Whether it looks at `Range`.
    var hasRanges = true
    /// After how many bytes of the body it closes the connection, or falls silent.
    var breaksOff: Int?
    var fallsSilent: Int?
    /// Whether it says how long the body is.
    var hasLength = true
    /// The address that it sends to instead.
    var location: String?
    /// Whether it accepts the request and never answers.
    var isMute = false
    /// What it claims to send from where it was asked for another place.
    var wrongRange: String?
  }

  let port: UInt16
  private let socket: Int32
  private let log = Log()

  /// The address of the server, without a slash at its end.
  var address: String { "http://127.0.0.1:\(port)" }
  /// The requests so far, as `GET /path` and `GET /path 100-`.
  var requests: [String] { log.lines }

  init(_ answers: [String: Answer]) throws {
    socket = try Self.listening()
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (socket, log) = (socket, log)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
    }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread {
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else {
          close(socket)
          return
        }
        Thread.detachNewThread { Self.serve(connection, answers, log) }
      }
    }
  }

  // The thread that accepts closes the socket: its number, once free, would soon be another server's, of which that thread would then
  // answer a request as it was told for this one.
  deinit { shutdown(socket, Int32(SHUT_RDWR)) }

  private struct SocketError: Error { var code = errno }

  private static func listening() throws -> Int32 {
    #if canImport(Darwin)
      let stream = SOCK_STREAM
    #else
      let stream = Int32(SOCK_STREAM.rawValue)
    #endif
    let socket = Foundation.socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard socket >= 0, isBound, listen(socket, 8) == 0 else { throw SocketError() }
    return socket
  }

  /// Answers one request and closes the connection.
  private static func serve(_ connection: Int32, _ answers: [String: Answer], _ log: Log) {
    defer { close(connection) }
    let header = self.header(from: connection)
    let lines = header.components(separatedBy: "\r\n")
    let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }?.dropFirst(13)
    log.add("GET \(path)" + (range.map { " \($0)" } ?? ""))
    guard let answer = answers[path] else {
      return send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", connection)
    }
    // Until the client goes away, or a minute is over.
    guard !answer.isMute else { return wait(connection) }
    var (status, body, extra) = (answer.status, answer.body[...], "")
    if let range, let start = range.split(separator: "-").first.flatMap({ Int($0) }), answer.hasRanges, status == 200 {
      status = start < body.count ? 206 : 416
      extra = "Content-Range: bytes \(answer.wrongRange ?? "\(start)-\(body.count - 1)/\(body.count)")\r\n"
      body = status == 206 ? body[start...] : []
    }
    if let location = answer.location { extra += "Location: \(location)\r\n" }
    if answer.hasLength { extra += "Content-Length: \(body.count)\r\n" }
    send("HTTP/1.1 \(status) As Told\r\nConnection: close\r\n\(extra)\r\n", connection)
    let end = answer.breaksOff ?? answer.fallsSilent ?? body.count
    send(body.prefix(end), connection)
    if answer.fallsSilent != nil { wait(connection) }
  }

  private static func header(from connection: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func send(_ text: String, _ connection: Int32) { send(Array(text.utf8)[...], connection) }

  private static func send(_ bytes: ArraySlice<UInt8>, _ connection: Int32) {
    #if canImport(Darwin)
      var isOn: Int32 = 1
      setsockopt(connection, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(connection, $0.baseAddress, $0.count, flags) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func wait(_ connection: Int32) {
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var byte: UInt8 = 0
    _ = recv(connection, &byte, 1, 0)
  }

  private final class Log: Sendable {
    private let lock = NSLock()
    nonisolated(unsafe) private var all: [String] = []
    var lines: [String] { lock.withLock { all } }
    func add(_ line: String) { lock.withLock { all.append(line) } }
  }
}
