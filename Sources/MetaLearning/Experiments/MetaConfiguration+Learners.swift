extension MetaConfiguration {
  /// The configuration of a run; throws a `UserError` where the folder holds none of meta-training.
  init(of folder: RunFolder) throws {
    if (try? folder.read(FitConfiguration.self, from: "config.json")) != nil {
      throw UserError("The folder '\(folder.path)' holds a run of 'metalearn fit', which has learned no adapting.")
    }
    self = try folder.read(MetaConfiguration.self, from: "config.json")
  }

  var maml: MAML<SGD> { MAML(innerRate: innerRate, steps: innerSteps, order: isFirstOrder ? .first : .second) }

  var joint: JointTraining<SGD> { JointTraining(inner: SGD(learningRate: innerRate), steps: innerSteps) }

  var mamlPlusPlus: MAMLPlusPlus {
    guard algorithm == .mamlPlusPlus else {
      return MAMLPlusPlus(
        innerRate: innerRate, steps: innerSteps, rates: .perWeight, firstOrderIterations: isFirstOrder ? .max : 0,
        adapting: .everything)
    }
    let multiStep = plusPlus.multiStepIterations ?? options.iterations / 10
    let stretch = plusPlus.multiStepStretch ?? max(1, multiStep / 10)
    return MAMLPlusPlus(
      innerRate: innerRate, steps: innerSteps, rates: plusPlus.learnsRates ? .perTensorAndStep : .fixed,
      multiStepLoss: multiStep > 0 ? MultiStepLoss(iterations: multiStep, stretch: stretch) : nil,
      firstOrderIterations: isFirstOrder ? .max : plusPlus.firstOrderIterations,
      adapting: plusPlus.adaptsNormalization ? .everything : .allButNormalization)
  }

  /// How the algorithm adapts, before anything has been learned of it.
  var untrainedLearner: any MetaLearner {
    switch algorithm {
    // Joint training adapts by the same steps as MAML.
    case .maml, .joint: maml
    case .mamlPlusPlus, .metaSGD: mamlPlusPlus
    }
  }

  /// How a run adapts a model: with what it has learned of its learner, such as inner rates.
  func learner(of folder: RunFolder, for model: ExperimentNet) throws -> any MetaLearner {
    func loaded<Learner: MetaLearner>(_ learner: Learner) throws -> Learner {
      var learner = learner.prepared(for: model)
      guard !learner.parameters.leaves.isEmpty else { return learner }
      learner.parameters = try learner.parameters.loading(weightsFrom: folder.file("learner.safetensors"))
      return learner
    }
    return try loaded(untrainedLearner)
  }

  /// How a picture becomes what the models of a run take: as the run's data set did.
  var imagePreparation: ImagePreparation {
    switch dataset {
    case .folder: pictures.preparation
    // Ink on paper.
    case .omniglot, .alphabet: ImagePreparation(invert: true)
    case .mnist, .fashionMNIST, .sinusoid, .table: ImagePreparation()
    }
  }
}
