// What is computed again as calls of their own, for readers that lie far behind the first ones: between them the memory, or the place in
// the caches, is free. A sweep takes these calls together with the readers, so that the value is never whole.
extension Recomputation {
  /// The least result of a convolution, in bytes, that is computed again; the most channels of its images, for which the kernels have
  /// a way of their own (`convolution_shallow.h`); and how many groups lie between those that do not share it.
  private static let (leastConvolvedByteCount, mostChannels, farAway) = (16 << 20, 5, 16)
  /// What a large value may cost that is computed again for products, in operations.
  private static let mostRepeatedCost = 8

  /// Computes a large value again for products that read it much later, from what stays in memory for as long anyway: a sweep takes it
  /// with them, a few images at a time, and in the meantime it is in nobody's way in the caches.
  mutating func repeatForProducts(_ slot: Int) {
    guard let operation = operations[slot], operation.cost != nil, let own = home[slot], !isReturned(slot),
      // As images.
      Sweep.isLarge(
        operation.shape.elementCount * operation.scalarType.byteCount,
        rowByteCount: operation.shape.suffix(3).elementCount * operation.scalarType.byteCount)
    else { return }
    let outside = (readers[slot] ?? []).filter { home[$0] != own && !isView($0) }
    for cluster in farReaders(of: outside, after: own) {
      let isRead = outside.filter { cluster.contains(home[$0] ?? -1) }
      var (needed, reads): ([Int], Set<Int>) = ([], [])
      guard isRead.allSatisfy({ isConvolution($0) }),
        let cost = cost(of: slot, in: cluster[0], &needed, &reads), cost <= Self.mostRepeatedCost,
        reads.allSatisfy({ lastUse($0) >= cluster[0] })
      else { continue }
      for part in needed { copy(part, into: cluster[0]) }
      let copied = needed.compactMap { copy(of: $0, in: cluster[0]) }
      for target in cluster {
        copies[target][original(of: slot)] = copied.last
        for reader in isRead where home[reader] == target { redirect(reader, from: slot, in: target) }
        copies[target] = [:]
      }
      repeated[cluster[0], default: []].append(copied)
    }
  }

  /// The groups of some operations that lie far behind a group, and behind each other: those with little between them together.
  private func farReaders(of slots: Set<Int>, after own: Int) -> [[Int]] {
    var clusters: [[Int]] = []
    var last = own
    for target in Set(slots.compactMap { home[$0] }).sorted() {
      if target - last >= Self.farAway {
        clusters.append([target])
      } else if let current = clusters.indices.last {
        clusters[current].append(target)
      }
      last = target
    }
    return clusters
  }

  /// Computes the result of a convolution of few channels again for chains that read it much later: its factors are far smaller, and
  /// it takes little longer than to write and read what is so large. A sweep takes it with the chains, so that it is not whole then.
  mutating func convolveAgain(_ slot: Int) {
    guard let operation = operations[slot], case .convolution(let geometry, .output) = operation.primitive,
      let own = home[slot], !isReturned(slot), geometry.groups == 1,
      shapes[operation.inputs[0]].last ?? 0 <= Self.mostChannels,
      shapes[operation.inputs[0]].elementCount * 4 <= operation.shape.elementCount,
      operation.shape.elementCount * operation.scalarType.byteCount >= Self.leastConvolvedByteCount
    else { return }
    let outside = (readers[slot] ?? []).filter { !isView($0) }
    let clusters = farReaders(of: outside, after: own)
    for cluster in clusters {
      let isRead = outside.filter { cluster.contains(home[$0] ?? -1) }
      guard isRead.allSatisfy({ isChained($0, as: operation.shape) }),
        operation.inputs.map(source).allSatisfy({ isSmall($0, beside: operation) || lastUse($0) >= cluster[0] })
      else { continue }
      let new = shapes.count
      shapes.append(operation.shape)
      types.append(operation.scalarType)
      operations[new] = operation
      for input in operation.inputs { readers[source(input), default: []].insert(new) }
      for target in cluster {
        copies[target][slot] = new
        for reader in isRead where home[reader] == target { redirect(reader, from: slot, in: target) }
        copies[target][slot] = nil
      }
      home[new] = cluster[0]
      repeated[cluster[0], default: []].append([new])
    }
  }

  private func isConvolution(_ slot: Int) -> Bool {
    if case .convolution = operations[slot]?.primitive { true } else { false }
  }

  /// Whether a factor of an operation takes little memory beside its result.
  private func isSmall(_ slot: Int, beside operation: Program.Operation) -> Bool {
    home[slot] == nil || shapes[slot].elementCount * 64 <= operation.shape.elementCount
  }
}
