@_exported import Adaptation
@_exported import FewShot
@_exported import NeuralNetworks
@_exported import Tensors
@_exported import Training
