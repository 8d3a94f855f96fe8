import Testing

@testable import Training

@Suite struct HTMLTests {
  @Test func onlyPiecesAreTakenAsHTML() {
    let row: HTML = "<td>\("a<b>&\"'")</td>"
    #expect(row.source == "<td>a&lt;b&gt;&amp;&quot;&#39;</td>")
    let table: HTML = "<tr>\([row, "<td>\(3)</td>"])</tr>"
    #expect(table.source == "<tr>\(row.source)\n<td>3</td></tr>")
  }
}
