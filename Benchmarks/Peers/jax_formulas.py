"""The workloads' formulas in JAX, each from its definition: what is timed, and what ours is checked against.

Parameters are a dictionary, named as metalearn-bench names them.
"""

import jax
import jax.numpy as jnp


def hidden_count(parameters):
    return sum(name.startswith("hidden.") and name.endswith(".dense.weight") for name in parameters)


def activate(parameters, layer, x):
    """Batch norm over the batch's own examples, where there is one, and ReLU."""
    path = f"hidden.{layer}.norm"
    if f"{path}.scale" in parameters:
        centred = x - x.mean(0)
        x = centred / jnp.sqrt((centred**2).mean(0) + 1e-5)
        x = x * parameters[f"{path}.scale"] + parameters[f"{path}.shift"]
    return jax.nn.relu(x)


def outputs(parameters, x):
    for layer in range(hidden_count(parameters)):
        path = f"hidden.{layer}.dense"
        x = activate(parameters, layer, x @ parameters[f"{path}.weight"] + parameters[f"{path}.bias"])
    return x @ parameters["output.weight"] + parameters["output.bias"]


def error(y, targets):
    """Mean squared error of numbers, cross-entropy of labels."""
    if jnp.issubdtype(targets.dtype, jnp.floating):
        return ((y - targets) ** 2).mean()
    return -jnp.take_along_axis(jax.nn.log_softmax(y), targets[:, None], 1).mean()


def loss(parameters, batch):
    return error(outputs(parameters, batch["inputs"]), batch["targets"])


def outer_loss(parameters, support, query, steps, rate, scans=False):
    """The loss on the query examples after some steps of gradient descent on the support examples."""

    def step(parameters, _=None):
        inner = jax.grad(loss)(parameters, support)
        return {name: v - rate * inner[name] for name, v in parameters.items()}, None

    if scans:
        parameters, _ = jax.lax.scan(step, parameters, length=steps)
    else:
        for _ in range(steps):
            parameters, _ = step(parameters)
    return loss(parameters, query)


def factored_outer_loss(parameters, support, query, steps, rate):
    """The same for one step, with the moved weights never written out.

    The gradient of a weight is hᵀδ, for inputs h of the layer and the derivative δ by its results; so what comes of x
    is xW − rate · (xhᵀ)δ. The derivatives are those by zeros that are added to each layer's results.
    """
    assert steps == 1
    layers = [f"hidden.{i}.dense" for i in range(hidden_count(parameters))] + ["output"]
    dense = {name for path in layers for name in (f"{path}.weight", f"{path}.bias")}
    others = {name: v for name, v in parameters.items() if name not in dense}

    def inner(added, others):
        current, x, inputs = {**parameters, **others}, support["inputs"], []
        for layer, path in enumerate(layers):
            inputs.append(x)
            x = x @ parameters[f"{path}.weight"] + parameters[f"{path}.bias"] + added[layer]
            if path != "output":
                x = activate(current, layer, x)
        return error(x, support["targets"]), inputs

    examples = support["inputs"].shape[0]
    zeros = [jnp.zeros((examples, parameters[f"{path}.bias"].shape[0]), support["inputs"].dtype) for path in layers]
    (deltas, moves), inputs = jax.grad(inner, (0, 1), has_aux=True)(zeros, others)
    moved = {name: v - rate * moves[name] for name, v in others.items()}
    x = query["inputs"]
    for layer, path in enumerate(layers):
        move = (x @ inputs[layer].T) @ deltas[layer] + deltas[layer].sum(0)
        x = x @ parameters[f"{path}.weight"] + parameters[f"{path}.bias"] - rate * move
        if path != "output":
            x = activate({**parameters, **moved}, layer, x)
    return error(x, query["targets"])


def meta_gradient(parameters, support, query, steps, rate, one_task=outer_loss):
    """The gradient of the mean outer loss over the tasks, which are the first axis of all arrays."""
    tasks = jax.vmap(lambda p, s, q: one_task(p, s, q, steps, rate), (None, 0, 0))
    return jax.grad(lambda p: tasks(p, support, query).mean())(parameters)


def hessian_product(parameters, vector, batch):
    return jax.jvp(lambda p: jax.grad(loss)(p, batch), (parameters,), (vector,))[1]
