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


def convolved(x, weight, stride):
    """3×3, padded as TensorFlow's 'SAME'. As a product with the nine shifted images: on processors that is far faster in
    JAX than its own convolution."""
    size = x.shape[1]
    count = -(-size // stride)
    before = max((count - 1) * stride + 3 - size, 0) // 2
    end = (count - 1) * stride + 1
    padded = jnp.pad(x, ((0, 0), (before, 3), (before, 3), (0, 0)))
    shifted = [padded[:, i : i + end : stride, j : j + end : stride] for i in range(3) for j in range(3)]
    return jnp.concatenate(shifted, -1) @ weight.reshape(-1, weight.shape[-1])


def features(parameters, x, stride, pools):
    """Four blocks of convolution, batch norm, ReLU and perhaps pooling; then the mean over the pixels, or all of them."""
    for block in range(4):
        path = f"blocks.{block}"
        x = convolved(x, parameters[f"{path}.convolution.weight"], stride) + parameters[f"{path}.convolution.bias"]
        centred = x - x.mean((0, 1, 2))
        x = centred * jax.lax.rsqrt((centred**2).mean((0, 1, 2)) + 1e-5)
        x = jax.nn.relu(x * parameters[f"{path}.norm.scale"] + parameters[f"{path}.norm.shift"])
        if pools:
            images, size, half = x.shape[0], x.shape[1], x.shape[1] // 2
            x = x[:, : 2 * half, : 2 * half].reshape(images, half, 2, half, 2, -1).max((2, 4))
    return x.reshape(x.shape[0], -1) if pools else x.mean((1, 2))


def prototype_loss(parameters, images, ways=20, shots=5, queries=5):
    """Prototypical networks: cross-entropy of the negative squared distances to the classes' means."""
    embedded = features(parameters, images, 2, False)
    prototypes = embedded[: ways * shots].reshape(ways, shots, -1).mean(1)
    distances = ((embedded[ways * shots :, None] - prototypes) ** 2).sum(-1)
    return error(-distances, jnp.arange(ways).repeat(queries))


def outputs(parameters, x):
    if "head.weight" in parameters:
        colour = x.shape[-1] > 1
        return features(parameters, x, 1 if colour else 2, colour) @ parameters["head.weight"] + parameters["head.bias"]
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


def adapted(parameters, support, steps, rate, scans=False, first_order=False):
    """The parameters after some steps of gradient descent on the support examples."""

    def step(parameters, _=None):
        inner = jax.grad(loss)(parameters, support)
        if first_order:
            inner = jax.lax.stop_gradient(inner)
        return {name: v - rate * inner[name] for name, v in parameters.items()}, None

    if scans:
        parameters, _ = jax.lax.scan(step, parameters, length=steps)
    else:
        for _ in range(steps):
            parameters, _ = step(parameters)
    return parameters


def outer_loss(parameters, support, query, steps, rate, scans=False, first_order=False):
    """The loss on the query examples after some steps of gradient descent on the support examples."""
    return loss(adapted(parameters, support, steps, rate, scans, first_order), query)


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
