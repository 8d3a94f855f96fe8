import Foundation
import Testing

@testable import MetaLearning

@Suite struct RunListingTests {
  @Test func aLineForEachRun() throws {
    let runs = try TemporaryRuns()
    #expect(try RunListing(runs.url.path).text == "There are no runs in '\(runs.url.path)'.")
    _ = try runs.written("b-done", .sample, validations: [0.5, 0.7, 0.9], result: .sample())
    _ = try runs.written("a-begun", .sample, validations: [0.5])
    _ = try runs.written("c-trained", .sample, validations: [0.5, 0.7, 0.9])
    let damaged = try runs.written("d-damaged", .sample, validations: [])
    try Data("{".utf8).write(to: damaged.file("config.json"))
    _ = try runs.folder("e-empty")
    try Data().write(to: runs.url.appendingPathComponent("f-file"))
    let fit = try runs.folder("g-fit")
    try fit.write(FitConfiguration(dataset: .alphabet), to: "config.json")

    let listing = try RunListing(runs.url.path)
    #expect(
      listing.text == """
        run           done      validation              what
        a-begun    100/300  50.00 ± 2.00 %  unfinished  alphabet, 5-way 1-shot, MAML
        b-done     300/300  90.00 ± 2.00 %  finished    alphabet, 5-way 1-shot, MAML
        c-trained  300/300  90.00 ± 2.00 %  untested    alphabet, 5-way 1-shot, MAML
        d-damaged                                       cannot be read
        g-fit         0/10               –  unfinished  alphabet, supervised, dense 128
        """)
    let rows = listing.rows
    #expect(rows.map(\.isFinished) == [false, true, false, nil, false])
    #expect(rows[0].run == "\(runs.url.path)/a-begun")
    #expect(rows[0].validation?.value == 0.5)
    #expect(rows[3].error?.contains("not JSON") == true)
    expectUserError("'\(runs.url.path)/none' does not exist") { _ = try RunListing(runs.url.path + "/none") }
  }
}
