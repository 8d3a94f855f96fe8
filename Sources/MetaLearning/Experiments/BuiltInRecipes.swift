// Written by Scripts/embed_recipes.sh from the folder recipes; a test compares the two.

/// The recipes that come with the program, by their names.
let builtInRecipes: [String: String] = [
  "omniglot-20way-1shot": #"""
  # Omniglot, 20-way 1-shot, by MAML++ with a convolutional network, meant for an hour on 2 free cores.
  # MAML++ (Antoniou, Edwards and Storkey, 2019), but with strides in place of max pooling, and one inner step,
  # with a learned rate for each tensor, in place of 5: in 5-way 1-shot with three, the first learned to do nearly all, and each
  # task took twice as long. It sees 160,000 tasks; the paper's 50,000 iterations of 8 are 400,000.
  # This recipe has not been run to its end yet.
  # Its own split has 1,150 training, 50 validation and 423 test characters, this one 1,028, 172 and 423. The published figure is
  # transductive, and of an ensemble of the best models by validation.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 2
  ways: 20
  shots: 1
  queries: 2

  model: conv4
  filters: 64
  pooling: strides

  algorithm: maml++
  inner-rate: 0.4
  inner-steps: 1
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 0
  first-order-iterations: 0

  meta-batch: 4
  iterations: 40000
  outer-rate: 0.002
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 250
  validate-every: 2500
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 3
  test-seed: 0
  expected: {value: 97.65, source: "MAML++ (Antoniou et al., 2019), as quoted in later papers"}

  """#,
  "omniglot-20way-5shot": #"""
  # Omniglot, 20-way 5-shot, by MAML++ with a convolutional network, meant for an hour on 2 free cores.
  # MAML++ (Antoniou, Edwards and Storkey, 2019), but with strides in place of max pooling, and one inner step,
  # with a learned rate for each tensor, in place of 5: in 5-way 1-shot with three, the first learned to do nearly all, and each
  # task took twice as long. It sees 60,000 tasks; the paper's 50,000 iterations of 8 are 400,000.
  # This recipe has not been run to its end yet.
  # Its own split has 1,150 training, 50 validation and 423 test characters, this one 1,028, 172 and 423. The published figure is
  # transductive, and of an ensemble of the best models by validation.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 2
  ways: 20
  shots: 5
  queries: 2

  model: conv4
  filters: 64
  pooling: strides

  algorithm: maml++
  inner-rate: 0.4
  inner-steps: 1
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 0
  first-order-iterations: 0

  meta-batch: 2
  iterations: 30000
  outer-rate: 0.002
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 250
  validate-every: 2500
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 3
  test-seed: 0
  expected: {value: 99.33, source: "MAML++ (Antoniou et al., 2019), as quoted in later papers"}

  """#,
  "omniglot-5way-1shot": #"""
  # Omniglot, 5-way 1-shot, by MAML++ with a convolutional network, meant for an hour on 2 free cores.
  # MAML++ (Antoniou, Edwards and Storkey, 2019), but with strides in place of max pooling, and one inner step,
  # with a learned rate for each tensor, in place of 5: in 5-way 1-shot with three, the first learned to do nearly all, and each
  # task took twice as long. It sees 400,000 tasks; the paper's 50,000 iterations of 8 are 400,000.
  # Its own split has 1,150 training, 50 validation and 423 test characters, this one 1,028, 172 and 423. The published figure is
  # transductive, and of an ensemble of the best models by validation.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 2
  ways: 5
  shots: 1
  queries: 5

  model: conv4
  filters: 64
  pooling: strides

  algorithm: maml++
  inner-rate: 0.4
  inner-steps: 1
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 0
  first-order-iterations: 0

  meta-batch: 8
  iterations: 50000
  outer-rate: 0.002
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 250
  validate-every: 2500
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 3
  test-seed: 0
  expected: {value: 99.47, source: "MAML++ (Antoniou et al., 2019), as quoted in later papers"}

  """#,
  "omniglot-5way-5shot": #"""
  # Omniglot, 5-way 5-shot, by MAML++ with a convolutional network, meant for an hour on 2 free cores.
  # MAML++ (Antoniou, Edwards and Storkey, 2019), but with strides in place of max pooling, and one inner step,
  # with a learned rate for each tensor, in place of 5: in 5-way 1-shot with three, the first learned to do nearly all, and each
  # task took twice as long. It sees 240,000 tasks; the paper's 50,000 iterations of 8 are 400,000.
  # This recipe has not been run to its end yet.
  # Its own split has 1,150 training, 50 validation and 423 test characters, this one 1,028, 172 and 423. The published figure is
  # transductive, and of an ensemble of the best models by validation.
  dataset: omniglot
  split: vinyals
  rotations: true
  resampling: antialiased
  shift: 2
  ways: 5
  shots: 5
  queries: 5

  model: conv4
  filters: 64
  pooling: strides

  algorithm: maml++
  inner-rate: 0.4
  inner-steps: 1
  learned-rates: true
  norm-per-step: true
  adapted-norm: false
  multi-step-iterations: 0
  first-order-iterations: 0

  meta-batch: 8
  iterations: 30000
  outer-rate: 0.002
  schedule: cosine
  outer-rate-floor: 0.00001
  record-every: 250
  validate-every: 2500
  validation-tasks: 200
  seed: 0

  tasks: 1000
  test-steps: 3
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
