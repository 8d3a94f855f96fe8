import Testing

@testable import FewShot
