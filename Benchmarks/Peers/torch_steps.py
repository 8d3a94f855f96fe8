#!/usr/bin/env python3
"""Times a workload's step in PyTorch, run eagerly; needs torch and numpy.

The tasks of W1 to W5 and W10 are a loop, as learn2learn's MAML runs them: an inner gradient with its graph kept for each
step, and the outer gradient added task by task. Weights are plain tensors, so no modules are cloned.
"""

import common

chosen = common.options(__doc__, ["torch"])

import torch
import torch.nn.functional as F

torch.set_num_threads(chosen.threads)

layers = [[torch.from_numpy(array).requires_grad_() for array in layer] for layer in common.weights(chosen.workload)]
sizes = [len(layer) for layer in layers]
is_convolutional = chosen.workload in common.CONVOLUTIONAL
if is_convolutional:
    # Channels last, in whose order the arrays lie and PyTorch is faster.
    def turned(array, order):
        return array.detach().permute(order).contiguous(memory_format=torch.channels_last)

    for layer in layers[:-1]:
        layer[0] = turned(layer[0], (3, 2, 0, 1)).requires_grad_()
    layers[-1][0] = layers[-1][0].detach().T.contiguous().requires_grad_()
    _, _, _, stride, pools, _, _ = common.CONVOLUTIONAL[chosen.workload]
parameters = [array for layer in layers for array in layer]
data = [[torch.from_numpy(array) for array in batch] for batch in common.batches(chosen)]
# Labels are int64 in PyTorch.
data = [[array if array.is_floating_point() else array.long() for array in batch] for batch in data]
if is_convolutional:
    data = [[array.transpose(-1, -2).transpose(-2, -3) if array.dim() > 3 else array for array in batch] for batch in data]


def features(parameters, x):
    """Padded by one on each side, where the others pad as TensorFlow does: the same sizes, and the same work."""
    for block in range(4):
        weight, bias, scale, shift = parameters[4 * block : 4 * block + 4]
        x = F.conv2d(x, weight, bias, stride, 1)
        x = torch.relu(F.batch_norm(x, None, None, scale, shift, training=True))
        if pools:
            x = F.max_pool2d(x, 2)
    return x.flatten(1) if pools else x.mean((2, 3))


def outputs(parameters, x):
    return F.linear(features(parameters, x), *parameters[-2:])


def prototype_loss(parameters, images):
    embedded = features(parameters, images)
    distances = ((embedded[100:, None] - embedded[:100].reshape(20, 5, -1).mean(1)) ** 2).sum(-1)
    return F.cross_entropy(-distances, torch.arange(20).repeat_interleave(5))


def loss(parameters, inputs, targets):
    if is_convolutional:
        return F.cross_entropy(outputs(parameters, inputs), targets)
    x, rest = inputs, iter(parameters)
    for layer, size in enumerate(sizes):
        weight, bias, *affine = [next(rest) for _ in range(size)]
        x = torch.addmm(bias, x, weight)
        if affine:
            x = F.batch_norm(x, None, None, *affine, training=True)
        if layer < len(sizes) - 1:
            x = torch.relu(x)
    return F.mse_loss(x, targets) if targets.is_floating_point() else F.cross_entropy(x, targets)


optimizer = torch.optim.Adam(parameters, 1e-3, fused=True)

if chosen.workload in ("W7", "W7X5"):
    inner_steps, rate, _ = common.meta_settings(chosen)

    def step(index):
        support, support_targets, query, _ = [array[0] for array in data[index % 3]]
        fast = parameters
        for _ in range(inner_steps):
            slopes = torch.autograd.grad(loss(fast, support, support_targets), fast)
            fast = [(p - rate * slope).detach().requires_grad_() for p, slope in zip(fast, slopes)]
        with torch.no_grad():
            outputs(fast, query).argmax(1)

elif chosen.workload == "W9":

    def step(index):
        optimizer.zero_grad()
        prototype_loss(parameters, data[index % 3][0]).backward()
        optimizer.step()

elif chosen.workload in common.META:
    is_second_order = chosen.workload not in common.FIRST_ORDER
    inner_steps, rate, tasks = common.meta_settings(chosen)

    def step(index):
        optimizer.zero_grad()
        for support, support_targets, query, query_targets in zip(*data[index % 3]):
            fast = parameters
            for _ in range(inner_steps):
                slopes = torch.autograd.grad(loss(fast, support, support_targets), fast, create_graph=is_second_order)
                fast = [p - rate * slope for p, slope in zip(fast, slopes)]
            (loss(fast, query, query_targets) / tasks).backward()
        optimizer.step()

elif chosen.workload == "W6":

    def step(index):
        optimizer.zero_grad()
        loss(parameters, *data[index % 3]).backward()
        optimizer.step()

else:
    torch.manual_seed(5)
    vector = [torch.randn_like(p) for p in parameters]

    def step(index):
        slopes = torch.autograd.grad(loss(parameters, *data[index % 3]), parameters, create_graph=True)
        torch.autograd.grad(slopes, parameters, grad_outputs=vector)


common.measure(chosen, step)
