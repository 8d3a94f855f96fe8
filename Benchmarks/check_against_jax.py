#!/usr/bin/env python3
"""Compares the gradients that metalearn-bench times with JAX's, on the same numbers.

    swift build -c release --package-path Benchmarks
    python3 Benchmarks/check_against_jax.py [W1 W2 ...]

Needs numpy and jax in the active environment. The formulas, in Peers/jax_formulas.py, are those that are timed against
ours, each written from its definition; W10's factored form is held to its plain form here.
Exits with 1 where the largest difference to JAX in the same type, relative to the largest entry, exceeds 1e-9 in
float64 or 1e-4 in float32. Beside it stand the differences of both to the exact gradient (JAX in float64): where
rounding pushes a unit over the kink of its ReLU, as W10 does with some seeds, those say which of the two strayed.
"""

import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

try:
    import jax
    import jax.numpy as jnp
    import numpy as np

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "Peers"))
    import jax_formulas
except ImportError as error:
    sys.exit(f"{error}: install numpy and jax in the active environment")

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

TYPES = {"F64": np.float64, "F32": np.float32, "I32": np.int32}
TOLERANCES = {np.float64: 1e-9, np.float32: 1e-4}
META = {  # inner steps, inner rate
    "W1": (1, 0.01),
    "W2": (5, 0.01),
    "W10": (1, 0.5),
    "W3": (1, 0.4),
    "W5": (5, 0.01),
}
# For the check of the convolutional workloads; float64 takes JAX long.
IMAGES = {"W3": (32, 28, 1, 64, 64), "W5": (4, 84, 3, 32, 800)}  # tasks, size, channels, filters, features


def write_safetensors(path, tensors):
    names = {kind: name for name, kind in TYPES.items()}
    header, data = {}, b""
    # The widest types first, which keeps all numbers aligned.
    for name, value in sorted(tensors.items(), key=lambda item: (-item[1].dtype.itemsize, item[0])):
        offsets = [len(data), len(data) + value.nbytes]
        header[name] = {"dtype": names[value.dtype.type], "shape": value.shape, "data_offsets": offsets}
        data += value.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
    }


def make_inputs(workload, dtype, seed):
    """The initial weights and a batch, as metalearn-bench names them; in float32 the same numbers, rounded."""
    random = np.random.default_rng([seed, int(workload[1:])])
    tensors = {}

    def perceptron(prefix, sizes, normalized, draw_all=False):
        for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
            is_output = layer == len(sizes) - 2
            path = f"{prefix}.output" if is_output else f"{prefix}.hidden.{layer}.dense"
            scale = 1 if draw_all else inputs**-0.5
            tensors[f"{path}.weight"] = scale * random.standard_normal((inputs, outputs))
            # Biases and affine parameters that differ from 0 and 1 are the harder test.
            tensors[f"{path}.bias"] = (1 if draw_all else 0.1) * random.standard_normal(outputs)
            if normalized and not is_output:
                tensors[f"{prefix}.hidden.{layer}.norm.scale"] = 1 + 0.1 * random.standard_normal(outputs)
                tensors[f"{prefix}.hidden.{layer}.norm.shift"] = 0.1 * random.standard_normal(outputs)

    if workload in ("W1", "W2"):
        perceptron("model", [1, 40, 40, 1], normalized=False)
        amplitude = random.uniform(0.1, 5, (25, 1, 1))
        phase = random.uniform(0, np.pi, (25, 1, 1))
        for part in ("support", "query"):
            x = random.uniform(-5, 5, (25, 10, 1))
            tensors[f"{part}.inputs"] = x
            tensors[f"{part}.targets"] = amplitude * np.sin(x + phase)
    elif workload in IMAGES:
        tasks, size, channels, filters, features = IMAGES[workload]
        for block, inputs in enumerate((channels, filters, filters, filters)):
            path = f"model.blocks.{block}"
            weight = (9 * inputs) ** -0.5 * random.standard_normal((3, 3, inputs, filters))
            tensors[f"{path}.convolution.weight"] = weight
            tensors[f"{path}.convolution.bias"] = 0.1 * random.standard_normal(filters)
            tensors[f"{path}.norm.scale"] = 1 + 0.1 * random.standard_normal(filters)
            tensors[f"{path}.norm.shift"] = 0.1 * random.standard_normal(filters)
        tensors["model.head.weight"] = features**-0.5 * random.standard_normal((features, 5))
        tensors["model.head.bias"] = 0.1 * random.standard_normal(5)
        for part, each in (("support", 1), ("query", 15)):
            tensors[f"{part}.inputs"] = random.standard_normal((tasks, 5 * each, size, size, channels))
            tensors[f"{part}.targets"] = np.tile(np.arange(5, dtype=np.int32).repeat(each), (tasks, 1))
    elif workload == "W10":
        perceptron("model", [784, 256, 128, 64, 64, 5], normalized=True)
        for part, each in (("support", 1), ("query", 5)):
            tensors[f"{part}.inputs"] = random.random((32, 5 * each, 784))
            tensors[f"{part}.targets"] = np.tile(np.arange(5, dtype=np.int32).repeat(each), (32, 1))
    else:
        examples = {"W6": 32, "W8": 256}[workload]
        perceptron("model", [784, 128, 10], normalized=False)
        if workload == "W8":
            perceptron("vector", [784, 128, 10], normalized=False, draw_all=True)
        tensors["batch.inputs"] = random.standard_normal((examples, 784))
        tensors["batch.targets"] = random.integers(0, 10, examples).astype(np.int32)
    return {name: v if v.dtype == np.int32 else v.astype(dtype) for name, v in tensors.items()}


def part(tensors, prefix):
    """The tensors below a prefix, as JAX's."""
    return {name[len(prefix) + 1 :]: jnp.asarray(v) for name, v in tensors.items() if name.startswith(prefix + ".")}


def expected(workload, tensors, one_task=jax_formulas.outer_loss):
    """What the step computes, by its definition."""
    parameters = part(tensors, "model")
    if workload in META:
        gradient = lambda p, support, query: jax_formulas.meta_gradient(p, support, query, *META[workload], one_task)
        result = jax.jit(gradient)(parameters, part(tensors, "support"), part(tensors, "query"))
    elif workload == "W6":
        result = jax.jit(jax.grad(jax_formulas.loss))(parameters, part(tensors, "batch"))
    else:
        result = jax.jit(jax_formulas.hessian_product)(parameters, part(tensors, "vector"), part(tensors, "batch"))
    return {name: np.asarray(v, np.float64) for name, v in result.items()}


def computed(binary, workload, tensors, folder):
    inputs, dump = folder / "inputs.safetensors", folder / "result.safetensors"
    write_safetensors(inputs, tensors)
    command = [binary, "--workload", workload, "--threads", "2", "--inputs", inputs, "--dump", dump]
    subprocess.run([str(word) for word in command], check=True)
    prefix = "result."
    return {name[len(prefix) :]: v for name, v in read_safetensors(dump).items() if name.startswith(prefix)}


def difference(a, b):
    """The largest difference over all tensors, relative to the largest entry of all of b."""
    if a.keys() != b.keys():
        raise SystemExit(f"the tensors differ: {sorted(a.keys() ^ b.keys())}")
    largest = max(np.abs(v).max() for v in b.values())
    return max(np.abs(a[name] - b[name]).max() for name in b) / largest


def main():
    default = pathlib.Path(__file__).resolve().parent / ".build/release/metalearn-bench"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", default=["W1", "W2", "W6", "W8", "W10", "W3"])
    parser.add_argument("--seed", type=int, default=0, help="what the numbers are drawn from")
    parser.add_argument("--binary", type=pathlib.Path, default=default)
    options = parser.parse_args()
    failed = False
    print("workload  type     ours to JAX  ours to exact  JAX to exact  tolerance")
    for workload in options.workloads:
        for dtype, tolerance in TOLERANCES.items():
            tensors = make_inputs(workload, dtype, options.seed)
            peer = expected(workload, tensors)
            # JAX in float64 on the very same numbers.
            widened = {n: v if v.dtype == np.int32 else v.astype(np.float64) for n, v in tensors.items()}
            exact = expected(workload, widened)
            with tempfile.TemporaryDirectory() as folder:
                ours = computed(options.binary, workload, tensors, pathlib.Path(folder))
            to_peer, to_exact = difference(ours, peer), difference(ours, exact)
            # Not `>`, so that NaN fails. Convolutional nets are judged in float64 alone: in float32 rounding pushes units
            # over the kinks of their ReLU, which moves JAX's gradient by some thousandths too.
            is_judged = workload not in IMAGES or dtype is np.float64
            is_near = to_peer <= tolerance or (not is_judged and np.isfinite(to_exact))
            failed = failed or not is_near
            print(f"{workload:8}  {dtype.__name__}  {to_peer:11.1e}  {to_exact:13.1e}  {difference(peer, exact):12.1e}"
                  f"  {tolerance:9.0e}{'' if is_near else '  FAILED'}", flush=True)
    if "W10" in options.workloads:
        tensors = make_inputs("W10", np.float64, options.seed)
        apart = difference(expected("W10", tensors, jax_formulas.factored_outer_loss), expected("W10", tensors))
        is_near = apart <= TOLERANCES[np.float64]
        failed = failed or not is_near
        print(f"JAX's factored form of W10 to its plain form: {apart:.1e}{'' if is_near else '  FAILED'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
