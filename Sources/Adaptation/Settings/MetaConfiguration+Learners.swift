import Foundation

extension MetaConfiguration {
  /// The configuration of a run; throws a `UserError` where the folder holds none of meta-training.
  package init(of folder: RunFolder) throws {
    // What only the settings of supervised training have.
    struct Supervised: Decodable { var epochs: Int }
    if (try? folder.read(Supervised.self, from: "config.json")) != nil {
      throw UserError("The folder '\(folder.path)' holds a run of 'metalearn fit', which has learned no adapting.")
    }
    self = try folder.read(MetaConfiguration.self, from: "config.json")
  }

  package var maml: MAML<SGD> { MAML(innerRate: innerRate, steps: innerSteps, order: isFirstOrder ? .first : .second) }

  package var joint: JointTraining<SGD> { JointTraining(inner: SGD(learningRate: innerRate), steps: innerSteps) }

  package var mamlPlusPlus: MAMLPlusPlus {
    guard algorithm == .mamlPlusPlus else {
      let isANIL = algorithm == .anil
      return MAMLPlusPlus(
        innerRate: innerRate, steps: innerSteps, rates: isANIL ? .fixed : .perWeight,
        firstOrderIterations: isFirstOrder ? .max : 0,
        // As the heads of the nets are called.
        adapting: isANIL ? .named(["head", "output"]) : .everything)
    }
    let multiStep = plusPlus.multiStepIterations ?? options.iterations / 10
    let stretch = plusPlus.multiStepStretch ?? max(1, multiStep / 10)
    return MAMLPlusPlus(
      innerRate: innerRate, steps: innerSteps, rates: plusPlus.learnsRates ? .perTensorAndStep : .fixed,
      multiStepLoss: multiStep > 0 ? MultiStepLoss(iterations: multiStep, stretch: stretch) : nil,
      firstOrderIterations: isFirstOrder ? .max : plusPlus.firstOrderIterations,
      adapting: plusPlus.adaptedLayers.map(AdaptedPart.named)
        ?? (plusPlus.adaptsNormalization ? .everything : .allButNormalization))
  }

  /// An episode with the copies of its images that a learner gets in tests.
  package func withCopies(_ episode: Episode, key: RandomKey) -> Episode {
    copiesOfQueries.added(toQueriesOf: copiesOfSupport.added(toSupportOf: episode, key: key[2]), key: key[3])
  }

  /// The copies of support images that a learner gets in tests and in use.
  package var copiesOfSupport: ImageCopies { ImageCopies(supportCopies, changedBy: augmentation) }

  /// The copies of images to be told apart.
  package var copiesOfQueries: ImageCopies { ImageCopies(queryCopies, changedBy: augmentation) }

  /// What moves the initial weights.
  package var outer: any Optimizer {
    switch outerOptimizer {
    case .adam: Adam(learningRate: outerRate)
    case .muon: Muon(learningRate: outerRate)
    }
  }

  /// Throws a `UserError` where a layer that is to be adapted is none of the model's.
  package func requireAdaptedLayers(of model: ExperimentNet) throws {
    for name in plusPlus.adaptedLayers ?? [] where algorithm == .mamlPlusPlus {
      guard !model.leaves.contains(where: AdaptedPart.named([name]).contains) else { continue }
      let layers = model.parameters.map(\.name).filter { $0.hasSuffix(".weight") }.map { $0.dropLast(7) }
      throw UserError(
        "--adapted-layers: the model has no '\(name)'; it has \(layers.joined(separator: ", ")).")
    }
  }

  /// How the algorithm adapts, before anything has been learned of it.
  package var untrainedLearner: any MetaLearner {
    switch algorithm {
    // Joint training adapts by the same steps as MAML.
    case .maml, .joint: maml
    case .mamlPlusPlus, .metaSGD, .anil: mamlPlusPlus
    }
  }

  /// How a run adapts a model: with what it has learned of its learner, such as inner rates.
  package func learner(of folder: RunFolder, for model: ExperimentNet) throws -> any MetaLearner {
    func loaded<Learner: MetaLearner>(_ learner: Learner) throws -> Learner {
      var learner = learner.prepared(for: model)
      guard !learner.parameters.leaves.isEmpty else { return learner }
      learner.parameters = try learner.parameters.loading(weightsFrom: finalFile("learner", of: folder))
      return learner
    }
    return try loaded(untrainedLearner)
  }

  /// The file with the weights that a run ends with: those of `kind` "weights", or what its "learner" has learned.
  package func finalFile(_ kind: String, of folder: RunFolder) -> URL {
    let best = folder.file("best-\(kind).safetensors")
    let isThere = finalWeights == .best && FileManager.default.fileExists(atPath: best.path)
    return isThere ? best : folder.file("\(kind).safetensors")
  }

  /// How a picture becomes what the models of a run take: as the run's data set did.
  package var imagePreparation: ImagePreparation {
    switch dataset {
    case .folder: pictures.preparation
    // Ink on paper.
    case .omniglot, .alphabet: ImagePreparation(invert: true)
    case .cifarFS, .fc100: ImagePreparation(size: 32, color: .rgb)
    case .mnist, .fashionMNIST, .sinusoid, .table, .classTable, .arrays: ImagePreparation()
    }
  }
}
