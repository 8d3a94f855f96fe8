@_exported import NeuralNetworks
@_exported import Tensors
