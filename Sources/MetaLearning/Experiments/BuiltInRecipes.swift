// Written by Scripts/embed_recipes.sh from the folder recipes; a test compares the two.

/// The recipes that come with the program, by their names.
let builtInRecipes: [String: String] = [
  "omniglot-20way-1shot": #"""
  # Omniglot, 20-way 1-shot, by MAML++ with a convolutional network, in at most an hour on 2 cores.
  # MAML++ as in its paper (Antoniou, Edwards and Storkey, 2019), but cut to that time: strides in place of max pooling, 3
  # inner steps in place of 5, 10,000 iterations in place of 50,000. Its own split has 1,150 training, 50 validation and 423
  # test characters, this one 1,028, 172 and 423. The published figure is transductive, and of an ensemble of the best models
  # by validation.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 0
  ways: 20
  shots: 1
  queries: 1

  model: conv4
  filters: 64
  pooling: strides

  algorithm: maml++
  inner-rate: 0.1
  inner-steps: 3
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 2000
  multi-step-stretch: 200
  first-order-iterations: 0

  meta-batch: 8
  iterations: 10000
  outer-rate: 0.001
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 100
  validate-every: 1000
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 5
  test-seed: 0
  expected: {value: 97.65, source: "MAML++ (Antoniou et al., 2019), as quoted in later papers"}

  """#,
  "omniglot-20way-5shot": #"""
  # Omniglot, 20-way 5-shot, by MAML++ with a convolutional network, in at most an hour on 2 cores.
  # MAML++ as in its paper (Antoniou, Edwards and Storkey, 2019), but cut to that time: strides in place of max pooling, 3
  # inner steps in place of 5, 5,000 iterations in place of 50,000. Its own split has 1,150 training, 50 validation and 423
  # test characters, this one 1,028, 172 and 423. The published figure is transductive, and of an ensemble of the best models
  # by validation.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 0
  ways: 20
  shots: 5
  queries: 1

  model: conv4
  filters: 64
  pooling: strides

  algorithm: maml++
  inner-rate: 0.1
  inner-steps: 3
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 1000
  multi-step-stretch: 100
  first-order-iterations: 0

  meta-batch: 4
  iterations: 5000
  outer-rate: 0.001
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 100
  validate-every: 1000
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 5
  test-seed: 0
  expected: {value: 99.33, source: "MAML++ (Antoniou et al., 2019), as quoted in later papers"}

  """#,
  "omniglot-5way-1shot": #"""
  # Omniglot, 5-way 1-shot, by MAML++ with a convolutional network, in at most an hour on 2 cores.
  # MAML++ as in its paper (Antoniou, Edwards and Storkey, 2019), but cut to that time: strides in place of max pooling, 3
  # inner steps in place of 5, 12,000 iterations in place of 50,000. Its own split has 1,150 training, 50 validation and 423
  # test characters, this one 1,028, 172 and 423. The published figure is transductive, and of an ensemble of the best models
  # by validation.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 0
  ways: 5
  shots: 1
  queries: 3

  model: conv4
  filters: 64
  pooling: strides

  algorithm: maml++
  inner-rate: 0.1
  inner-steps: 3
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 2000
  multi-step-stretch: 200
  first-order-iterations: 0

  meta-batch: 8
  iterations: 12000
  outer-rate: 0.001
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 100
  validate-every: 1000
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 5
  test-seed: 0
  expected: {value: 99.47, source: "MAML++ (Antoniou et al., 2019), as quoted in later papers"}

  """#,
  "omniglot-5way-5shot": #"""
  # Omniglot, 5-way 5-shot, by MAML++ with a convolutional network, in at most an hour on 2 cores.
  # MAML++ as in its paper (Antoniou, Edwards and Storkey, 2019), but cut to that time: strides in place of max pooling, 3
  # inner steps in place of 5, 8,000 iterations in place of 50,000. Its own split has 1,150 training, 50 validation and 423
  # test characters, this one 1,028, 172 and 423. The published figure is transductive, and of an ensemble of the best models
  # by validation.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 0
  ways: 5
  shots: 5
  queries: 3

  model: conv4
  filters: 64
  pooling: strides

  algorithm: maml++
  inner-rate: 0.1
  inner-steps: 3
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 1500
  multi-step-stretch: 150
  first-order-iterations: 0

  meta-batch: 8
  iterations: 8000
  outer-rate: 0.001
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 100
  validate-every: 1000
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 5
  test-seed: 0
  expected: {value: 99.93, source: "MAML++ (Antoniou et al., 2019), as quoted in later papers"}

  """#,
  "omniglot-quick": #"""
  # Omniglot, 5-way 1-shot, in a few minutes on 2 cores: a multilayer perceptron by MAML++ with short schedules.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 1
  ways: 5
  shots: 1
  queries: 5

  model: mlp
  hidden: [256, 128, 64, 64]

  algorithm: maml++
  inner-rate: 0.1
  inner-steps: 3
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 500
  multi-step-stretch: 50
  first-order-iterations: 0

  meta-batch: 16
  iterations: 5000
  outer-rate: 0.001
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 50
  validate-every: 500
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 5
  test-seed: 0
  expected: {value: 89.7, source: "MAML with a multilayer perceptron (Finn et al., 2017), trained in full"}

  """#,
]
