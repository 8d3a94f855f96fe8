#if Serve && canImport(Hummingbird)
  import ArgumentParser
  import Foundation
  import Hummingbird
  import Logging
  import MetaLearning

  struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Answer over HTTP: adapt to pictures, and tell new ones apart; with a page to draw on.",
      usage: "metalearn serve <run> [--host <name>] [--port <n>]",
      discussion: """
        The page is at /, what programs can ask at /openapi.json. Nothing is kept on
        disk. Only this machine can ask, unless --host says otherwise.

        EXAMPLE:
          metalearn serve runs/omniglot-5-way-1-shot-maml --port 8080
        """)

    @Argument(help: .init("The run's folder.", valueName: "run")) var folder: String
    @Option(help: .init("The address to listen at.", valueName: "name")) var host = "127.0.0.1"
    @Option(parsing: .unconditional, help: .init("The port; 0 takes one that is free.", valueName: "n")) var port = 8080

    func run() async throws {
      try checkRange(port, 0...65_535, "--port")
      let learner = try TrainedLearner(contentsOf: URL(fileURLWithPath: folder, isDirectory: true))
      let service = try AdaptationService(learner, run: URL(fileURLWithPath: folder).lastPathComponent)
      var logger = Logger(label: "metalearn")
      logger.logLevel = .warning
      let app = Application(
        router: Self.routes(service), server: .http1(configuration: .init(idleTimeout: .seconds(60))),
        configuration: .init(address: .hostname(host, port: port), serverName: nil),
        onServerRunning: { channel in
          print("http://\(channel.localAddress?.ipAddress ?? "?"):\(channel.localAddress?.port ?? 0) (Ctrl-C ends it)")
          fflush(nil)
        }, logger: logger)
      do {
        try await app.runService()
      } catch {
        throw UserError("Listening at \(host), port \(port), is not possible: \(error)")
      }
    }

    /// The largest body of a question, in bytes.
    static let mostBytes = 8 << 20

    static func routes(_ service: AdaptationService) -> Router<BasicRequestContext> {
      let router = Router()
      router.get("/") { _, _ in text(servePage, "text/html; charset=utf-8") }
      router.get("/openapi.json") { _, _ in text(serveOpenAPI, "application/json") }
      router.get("/api/run") { _, _ in try json(service.description) }
      router.post("/api/adapt") { request, _ in
        let question: AdaptationService.AdaptRequest = try await body(of: request)
        return try json(try await told { try await service.adapt(question) })
      }
      router.post("/api/predict") { request, _ in
        let question: AdaptationService.PredictRequest = try await body(of: request)
        guard let reply = try await told({ try await service.predict(question) }) else {
          throw HTTPError(.notFound, message: "There is no model '\(question.model)', or none any more: adapt again.")
        }
        return try json(reply)
      }
      return router
    }

    private static func body<Value: Decodable>(of request: Request) async throws -> Value {
      let bytes = try await request.body.collect(upTo: mostBytes)
      do {
        return try JSONDecoder().decode(Value.self, from: Data(bytes.readableBytesView))
      } catch {
        throw HTTPError(.badRequest, message: "The question is not as /openapi.json says: \(RunJSON.reason(error)).")
      }
    }

    /// A caller's mistake is a status 400 and one sentence.
    private static func told<Value>(_ work: () async throws -> Value) async throws -> Value {
      do {
        return try await work()
      } catch let error as UserError {
        throw HTTPError(.badRequest, message: error.description)
      }
    }

    private static func json(_ value: some Encodable) throws -> Response {
      Response(
        status: .ok, headers: [.contentType: "application/json"],
        body: .init(byteBuffer: ByteBuffer(bytes: try RunJSON.line(value))))
    }

    private static func text(_ text: String, _ type: String) -> Response {
      Response(status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
  }
#endif
