@_exported import FewShot
@_exported import NeuralNetworks
@_exported import Tensors
