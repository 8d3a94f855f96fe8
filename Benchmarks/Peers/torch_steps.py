#!/usr/bin/env python3
"""Times a workload's step in PyTorch, run eagerly; needs torch and numpy.

The tasks of W1, W2 and W10 are a loop, as learn2learn's MAML runs them: an inner gradient with its graph kept for each
step, and the outer gradient added task by task. Weights are plain tensors, so no modules are cloned.
"""

import common

chosen = common.options(__doc__, ["torch"])

import torch
import torch.nn.functional as F

torch.set_num_threads(chosen.threads)

layers = [[torch.from_numpy(array).requires_grad_() for array in layer] for layer in common.weights(chosen.workload)]
sizes = [len(layer) for layer in layers]
parameters = [array for layer in layers for array in layer]
data = [[torch.from_numpy(array) for array in batch] for batch in common.batches(chosen)]
# Labels are int64 in PyTorch.
data = [[array if array.is_floating_point() else array.long() for array in batch] for batch in data]


def loss(parameters, inputs, targets):
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

if chosen.workload in common.META:
    inner_steps, rate, tasks = common.meta_settings(chosen)

    def step(index):
        optimizer.zero_grad()
        for support, support_targets, query, query_targets in zip(*data[index % 3]):
            fast = parameters
            for _ in range(inner_steps):
                slopes = torch.autograd.grad(loss(fast, support, support_targets), fast, create_graph=True)
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
