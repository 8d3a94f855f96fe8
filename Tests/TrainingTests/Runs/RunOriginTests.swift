import Testing

@testable import Training

@Suite struct RunOriginTests {
  @Test func callsCanBeGivenToAShell() {
    let call = RunOrigin.command(["/a/b/metalearn", "train", "--data", "my folder", "it's", "", "--rate=1e-3"])
    #expect(call == #"metalearn train --data 'my folder' 'it'\''s' '' --rate=1e-3"#)
    let origin = RunOrigin(arguments: ["metalearn"], version: "1.0")
    #expect(origin.processors > 0)
    #expect(origin.started.hasSuffix("Z"))
    #expect(!origin.system.isEmpty)
  }
}
