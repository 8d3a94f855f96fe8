#!/usr/bin/env python3
"""Times a workload's step with learn2learn's MAML; needs torch, numpy and learn2learn.

The net is made of PyTorch's modules, with its images' channels first, as learn2learn's examples have them; the tasks are
the loop of clone, adapt and backward of its own MAML example.
"""

import common

chosen = common.options(__doc__, ["learn2learn"])

import torch
import torch.nn as nn
import torch.nn.functional as F
from learn2learn.algorithms import MAML

torch.set_num_threads(chosen.threads)

is_convolutional = chosen.workload in common.CONVOLUTIONAL
layers = [[torch.from_numpy(array) for array in layer] for layer in common.weights(chosen.workload)]


def with_weights(module, weight, bias):
    with torch.no_grad():
        module.weight.copy_(weight)
        module.bias.copy_(bias)
    return module


def convolutional_net():
    _, _, _, stride, pools, _, _ = common.CONVOLUTIONAL[chosen.workload]
    blocks = []
    for weight, bias, _, _ in layers[:-1]:
        weight = weight.permute(3, 2, 0, 1)
        blocks += [
            with_weights(nn.Conv2d(weight.shape[1], weight.shape[0], 3, stride, 1), weight, bias),
            nn.BatchNorm2d(weight.shape[0], track_running_stats=False),
            nn.ReLU(),
            *([nn.MaxPool2d(2)] if pools else []),
        ]
    weight, bias = layers[-1]
    summary = [] if pools else [nn.AdaptiveAvgPool2d(1)]
    return nn.Sequential(*blocks, *summary, nn.Flatten(), with_weights(nn.Linear(*weight.shape), weight.T, bias))


def dense_net():
    blocks = []
    for weight, bias, *affine in layers:
        blocks.append(with_weights(nn.Linear(*weight.shape), weight.T, bias))
        if affine:
            blocks.append(nn.BatchNorm1d(weight.shape[1], track_running_stats=False))
        blocks.append(nn.ReLU())
    return nn.Sequential(*blocks[:-1])


net = convolutional_net() if is_convolutional else dense_net()
data = [[torch.from_numpy(array) for array in batch] for batch in common.batches(chosen)]
data = [[array if array.is_floating_point() else array.long() for array in batch] for batch in data]
if is_convolutional:
    data = [[array.movedim(-1, 2).contiguous() if array.dim() > 3 else array for array in batch] for batch in data]

inner_steps, rate, tasks = common.meta_settings(chosen)
maml = MAML(net, lr=rate, first_order=chosen.workload in common.FIRST_ORDER)
optimizer = torch.optim.Adam(maml.parameters(), 1e-3, fused=True)


def loss(outputs, targets):
    return F.mse_loss(outputs, targets) if targets.is_floating_point() else F.cross_entropy(outputs, targets)


def step(index):
    optimizer.zero_grad()
    for support, support_targets, query, query_targets in zip(*data[index % 3]):
        learner = maml.clone()
        for _ in range(inner_steps):
            learner.adapt(loss(learner(support), support_targets))
        (loss(learner(query), query_targets) / tasks).backward()
    optimizer.step()


common.measure(chosen, step)
