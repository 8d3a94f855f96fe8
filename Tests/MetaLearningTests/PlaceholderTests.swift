import Testing

@testable import MetaLearning
