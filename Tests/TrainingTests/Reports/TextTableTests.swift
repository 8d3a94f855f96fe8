import Testing

@testable import Training

@Suite struct TextTableTests {
  @Test func columnsLineUp() {
    var table = TextTable([.init("name", widest: 8), .init("figure", isRight: true), .init("note")])
    table.rows = [["a", "1.50", "x"], ["longer-than-8", "20.25 ± 1", ""]]
    #expect(
      table.lines == [
        "name         figure  note",
        "a              1.50  x",
        "lon…an-8  20.25 ± 1",
      ])
    #expect(TextTable([.init("a")]).lines == ["a"])
  }

  @Test func onlyLongTextsLoseTheirMiddle() {
    #expect(TextTable.shortened("12345", to: 5) == "12345")
    #expect(TextTable.shortened("123456", to: 5) == "12…56")
    #expect(TextTable.shortened("123456", to: 1) == "…")
  }
}
