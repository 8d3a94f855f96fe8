import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One request for a file, or for what a part still lacks of it; the bytes go to the part as they come.
final class Transfer: NSObject, URLSessionDataDelegate {
  /// How far it is.
  struct State: Sendable {
    /// The bytes that are there, those of earlier requests included.
    var received: Int
    /// The bytes that there will be, if the server says so.
    var total: Int?
  }

  /// The server has nothing that could be added to the part: it is whole, or it is of another file.
  struct NothingToAdd: Error {}

  private let address: URL
  private let part: PartFile
  private let offset: Int
  private let timeout: Int
  private let states: AsyncThrowingStream<State, any Error>.Continuation
  // A session calls its delegate on one serial queue, so nothing here is used by two threads at once.
  nonisolated(unsafe) private var writer: PartFile.Writer?
  nonisolated(unsafe) private var state: State
  nonisolated(unsafe) private var failure: (any Error)?

  private init(
    _ address: URL, _ part: PartFile, _ timeout: Int, _ states: AsyncThrowingStream<State, any Error>.Continuation
  ) {
    (self.address, self.part, self.timeout, self.states) = (address, part, timeout, states)
    offset = part.size
    state = State(received: offset, total: nil)
  }

  /// Starts a request; the states end when all bytes are there. They throw a ``UserError``, or `NothingToAdd`. A state that
  /// nobody waits for gives way to the next.
  static func states(
    of address: URL, to part: PartFile, timeout: Int
  ) -> AsyncThrowingStream<State, any Error> {
    AsyncThrowingStream(bufferingPolicy: .bufferingNewest(1)) { states in
      let transfer = Transfer(address, part, timeout, states)
      let settings = URLSessionConfiguration.ephemeral
      settings.timeoutIntervalForRequest = Double(timeout)
      settings.requestCachePolicy = .reloadIgnoringLocalCacheData
      var request = URLRequest(url: address, timeoutInterval: Double(timeout))
      // The checksums are those of files as they lie on the server.
      request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
      if transfer.offset > 0 { request.setValue("bytes=\(transfer.offset)-", forHTTPHeaderField: "Range") }
      let session = URLSession(configuration: settings, delegate: transfer, delegateQueue: nil)
      let task = session.dataTask(with: request)
      states.onTermination = { _ in task.cancel() }
      task.resume()
      session.finishTasksAndInvalidate()
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    do {
      try begin(response)
      completionHandler(.allow)
    } catch {
      failure = error
      completionHandler(.cancel)
    }
  }

  /// Opens the part where the answer goes on with it, or at its beginning where the answer is the whole file.
  private func begin(_ response: URLResponse) throws {
    guard let answer = response as? HTTPURLResponse else { throw UserError("\(address) does not answer by HTTP") }
    var start = 0
    switch answer.statusCode {
    case 200: break
    case 206 where offset > 0:
      // `bytes 100-999/1000`.
      let range = answer.value(forHTTPHeaderField: "Content-Range")?.split(separator: " ").last
      guard let first = range?.split(separator: "-").first, Int(first) == offset else { throw NothingToAdd() }
      start = offset
    case 416 where offset > 0: throw NothingToAdd()
    case let status:
      let reason = HTTPURLResponse.localizedString(forStatusCode: status).lowercased()
      throw UserError("\(address) cannot be downloaded: the server answers with status \(status), \(reason)")
    }
    writer = try PartFile.Writer(part, after: start)
    let expected = response.expectedContentLength
    state = State(received: start, total: expected >= 0 ? start + Int(expected) : nil)
    states.yield(state)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    guard failure == nil else { return }
    do {
      try writer?.write(data)
      state.received += data.count
      states.yield(state)
    } catch {
      failure = error
      dataTask.cancel()
    }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    let hasBegun = writer != nil
    writer = nil  // Closed before anyone looks at it.
    if let failure { return states.finish(throwing: failure) }
    let isShort = state.total.map { state.received < $0 } ?? false
    guard error != nil || isShort else { return states.finish() }
    // On Linux, the code of a connection that breaks off is "unknown".
    let code = (error as? URLError)?.code ?? .networkConnectionLost
    states.finish(throwing: self.error(for: code == .unknown && hasBegun ? .networkConnectionLost : code))
  }

  /// What went wrong, and what is left of it.
  private func error(for code: URLError.Code) -> UserError {
    let kept =
      state.received == 0
      ? "" : "; the first \(state.received) bytes are kept, and the same command goes on from there"
    return UserError("\(address) cannot be downloaded: \(Self.reason(code, host: address.host ?? "", timeout))\(kept)")
  }

  /// The reason behind an error of the system, in words that are the same everywhere.
  static func reason(_ code: URLError.Code, host: String, _ timeout: Int) -> String {
    switch code {
    case .notConnectedToInternet: "there is no network"
    case .cannotFindHost, .dnsLookupFailed: "the host '\(host)' is not found, or there is no network"
    case .cannotConnectToHost: "nothing answers at '\(host)', or there is no network"
    case .timedOut: "'\(host)' has sent nothing for \(timeout) s"
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
      "there is no secure connection to '\(host)'"
    case .httpTooManyRedirects, .redirectToNonExistentLocation: "'\(host)' sends from one address to another"
    case .networkConnectionLost: "the connection to '\(host)' broke off"
    default: "the connection to '\(host)' failed"
    }
  }
}
