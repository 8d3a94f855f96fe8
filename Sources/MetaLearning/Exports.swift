@_exported import FewShot
@_exported import NeuralNetworks
@_exported import Tensors
@_exported import Training
