#!/usr/bin/env python3
"""Times a workload's step in JAX, compiled and with the tasks batched; needs jax, optax and numpy.

--peer jax: the formula as it stands. jax-scan: inner steps by lax.scan. jax-factored: W10 with fast weights that are
never written out, derived by hand.
"""

import os

import common

chosen = common.options(__doc__, ["jax", "jax-scan", "jax-factored"])
os.environ["JAX_PLATFORMS"] = "cpu"
if chosen.threads == 1:
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}"

import functools

import jax
import jax.numpy as jnp
import optax

import jax_formulas


def named(layers):
    """The weights as metalearn-bench names them."""
    parameters = {}
    if chosen.workload in common.CONVOLUTIONAL:
        for block, arrays in enumerate(layers[:-1]):
            path = f"blocks.{block}"
            names = [f"{path}.convolution.weight", f"{path}.convolution.bias", f"{path}.norm.scale", f"{path}.norm.shift"]
            parameters.update(zip(names, map(jnp.asarray, arrays)))
        parameters.update(zip(["head.weight", "head.bias"], map(jnp.asarray, layers[-1])))
        return parameters
    for layer, arrays in enumerate(layers):
        path = "output" if layer == len(layers) - 1 else f"hidden.{layer}.dense"
        names = [f"{path}.weight", f"{path}.bias", f"hidden.{layer}.norm.scale", f"hidden.{layer}.norm.shift"]
        parameters.update(zip(names, map(jnp.asarray, arrays)))
    return parameters


def labelled(inputs, targets):
    return {"inputs": jnp.asarray(inputs), "targets": jnp.asarray(targets)}


parameters = named(common.weights(chosen.workload))
data = common.batches(chosen)
adam = optax.adam(1e-3)

if chosen.workload in common.META:
    steps, rate, _ = common.meta_settings(chosen)
    one_task = {
        "jax": functools.partial(jax_formulas.outer_loss, first_order=chosen.workload in common.FIRST_ORDER),
        "jax-scan": functools.partial(jax_formulas.outer_loss, scans=True),
        "jax-factored": jax_formulas.factored_outer_loss,
    }[chosen.peer]
    data = [(labelled(*batch[:2]), labelled(*batch[2:])) for batch in data]

    def gradient(parameters, batch):
        return jax_formulas.meta_gradient(parameters, *batch, steps, rate, one_task)

elif chosen.workload == "W9":
    data = [jnp.asarray(batch[0]) for batch in data]
    gradient = jax.grad(jax_formulas.prototype_loss)

else:
    data = [labelled(*batch) for batch in data]
    gradient = jax.grad(jax_formulas.loss)

if chosen.workload in ("W7", "W7X5"):

    @jax.jit
    def labels(parameters, support, images):
        return jax_formulas.outputs(jax_formulas.adapted(parameters, support, steps, rate), images).argmax(1)

    data = [jax.tree.map(lambda array: array[0], batch) for batch in data]

    def step(index):
        support, query = data[index % 3]
        labels(parameters, support, query["inputs"]).block_until_ready()

elif chosen.workload == "W8":
    keys = jax.random.split(jax.random.key(5), len(parameters))
    vector = {name: jax.random.normal(key, v.shape) for key, (name, v) in zip(keys, parameters.items())}
    product = jax.jit(jax_formulas.hessian_product)

    def step(index):
        jax.block_until_ready(product(parameters, vector, data[index % 3]))

else:
    # What is given away may be written over.
    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def update(parameters, state, batch):
        moves, state = adam.update(gradient(parameters, batch), state)
        return optax.apply_updates(parameters, moves), state

    held = [parameters, adam.init(parameters)]

    def step(index):
        held[:] = update(*held, data[index % 3])
        jax.block_until_ready(held)


common.measure(chosen, step)
