import CKernels

/// Plans for plain evaluation, kept by the structure of what was evaluated.
///
/// A structure is planned once it has come for the third time: planning takes as long as some evaluations, and what
/// has new numbers in its structure each time, such as a rate that falls, is better computed node by node.
final class PlainPlans: @unchecked Sendable {
  // @unchecked: all that changes is only touched under the lock.
  static let shared = PlainPlans()

  /// Smaller graphs are computed before they would be looked up.
  static let fewestOperations = 4
  /// So many structures are remembered, and then forgotten all at once.
  private static let mostStructures = 4096
  private static let mostPlannedOperations = 1 << 16

  /// What is known of a structure.
  enum Meeting {
    /// It has not come before, or another of its hash has.
    case new
    /// It shall be planned when it comes again: `keep` tells what its plan has to give.
    case known
    case planned(PlainPlan)
  }

  private let lock: UnsafeMutablePointer<ck_lock>
  private var meetings: [Int: Int] = [:]
  private var kept: [Int: Kept] = [:]
  private var keptOperations = 0

  private struct Kept {
    let structure: Structure
    /// The positions whose results are needed.
    let results: Set<Int>
    /// Made when it is needed for the first time.
    var plan: PlainPlan?
  }

  private init() {
    lock = .allocate(capacity: 1)
    lock.initialize(to: ck_lock(word: 0))
  }

  /// What is known of a structure that is about to be computed.
  func meet(_ structure: Structure) -> Meeting {
    let hash = structure.hashValue
    let known: Kept? = locked {
      if let kept = kept[hash] { return kept }
      if meetings.count >= Self.mostStructures { meetings = [:] }
      meetings[hash, default: 0] += 1
      return nil
    }
    guard let known else { return locked { meetings[hash, default: 0] } < 2 ? .new : .known }
    guard known.structure == structure else { return .new }
    if let plan = known.plan { return .planned(plan) }
    // Outside the lock: two threads may both make it.
    guard let plan = PlainPlan(structure, results: known.results) else { return .new }
    locked { if kept[hash]?.results == known.results { kept[hash]?.plan = plan } }
    return .planned(plan)
  }

  /// Keeps what the plan of a structure has to give.
  func keep(_ structure: Structure, results: Set<Int>) {
    let hash = structure.hashValue
    locked {
      if kept[hash] == nil { keptOperations += structure.operations.count }
      if keptOperations > Self.mostPlannedOperations { (kept, keptOperations) = ([:], structure.operations.count) }
      kept[hash] = Kept(structure: structure, results: results)
      meetings[hash] = nil
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    ck_lock_acquire(lock)
    defer { ck_lock_release(lock) }
    return body()
  }
}

/// The plan of a structure.
struct PlainPlan {
  /// The positions of the operations whose results it gives.
  let results: Set<Int>
  private let program: Program
  /// Where each result is found.
  private let places: [(position: Int, place: Place)]

  private enum Place {
    case result(Int)
    /// The parts of a tuple: a result, or, as `~number`, a leaf.
    case parts([Int])
  }

  /// Nil where a result is a tuple that has to be computed as one.
  init?(_ structure: Structure, results: Set<Int>) {
    self.results = results
    var wanted: [Int] = []
    var numbers: [Int: Int] = [:]
    func number(_ operation: Int) -> Int {
      if let known = numbers[operation] { return known }
      numbers[operation] = wanted.count
      wanted.append(operation)
      return wanted.count - 1
    }
    var places: [(Int, Place)] = []
    for position in results.sorted() {
      let operation = structure.operations[position]
      switch operation.primitive {
      case .scan: return nil
      case .gradient(let count):
        let parts = operation.inputs[count...]
        if parts.contains(where: { $0 >= 0 && structure.operations[$0].isTuple }) { return nil }
        places.append((position, .parts(parts.map { $0 < 0 ? $0 : number($0) })))
      default: places.append((position, .result(number(position))))
      }
    }
    self.places = places
    program = Program(structure, results: wanted)
  }

  /// Computes the results from leaves and gives them to their nodes.
  func publish(_ leaves: [View], to nodes: [Node?]) {
    let views = program.run(leaves)
    for (position, place) in places {
      switch place {
      case .result(let number): nodes[position]?.publish(views[number])
      case .parts(let numbers):
        let parts = numbers.map { $0 < 0 ? leaves[~$0] : views[$0] }
        // A tuple has no numbers of its own.
        guard let storage = parts.first?.storage else { continue }
        nodes[position]?.publish(View(storage: storage, parts: parts))
      }
    }
  }
}

extension Program.Operation {
  var isTuple: Bool {
    switch primitive {
    case .scan, .gradient: true
    default: false
    }
  }
}
