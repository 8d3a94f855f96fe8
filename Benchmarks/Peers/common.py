"""What the peers' scripts share: options, data of the workloads' shapes, and the timing of metalearn-bench."""

import argparse
import json
import os
import resource
import sys
import time

BEGIN = time.perf_counter()

import numpy as np

META = {  # inner steps, inner rate, tasks
    "W1": (1, 0.01, 25),
    "W2": (5, 0.01, 25),
    "W10": (1, 0.5, 32),
    "W3": (1, 0.4, 32),
    "W4": (5, 0.1, 16),
    "W4F": (5, 0.1, 16),
    "W5": (5, 0.01, 4),
    "W5U": (5, 0.01, 4),
    "W7": (1, 0.4, 1),
    "W7X5": (5, 0.4, 1),
}
FIRST_ORDER = {"W4F"}
CONVOLUTIONAL = {  # size and channels of an image, filters, stride of a block, whether it pools, features, classes
    **{name: (28, 1, 64, 2, False, 64, 5) for name in ("W3", "W7", "W7X5", "W9")},
    **{name: (28, 1, 64, 2, False, 64, 20) for name in ("W4", "W4F")},
    **{name: (84, 3, 32, 1, True, 800, 5) for name in ("W5", "W5U")},
}
SIZES = {
    "W1": [1, 40, 40, 1],
    "W2": [1, 40, 40, 1],
    "W6": [784, 128, 10],
    "W8": [784, 128, 10],
    "W10": [784, 256, 128, 64, 64, 5],
}


def options(description, peers):
    """Must be called before the peer is imported: the number of threads is given to it by the environment."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--peer", choices=peers, default=peers[0])
    parser.add_argument("--workload", choices=[*SIZES, *CONVOLUTIONAL], required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--min-steps", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--inner-steps", type=int, help="of W1, instead of 1")
    parser.add_argument("--tasks", type=int, help="of W1, instead of 25")
    chosen = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        # On more cores than it has threads, JAX takes up to three times as long.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.threads])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(chosen.threads)
    return chosen


def meta_settings(chosen):
    """Inner steps, inner rate and tasks."""
    steps, rate, tasks = META[chosen.workload]
    return chosen.inner_steps or steps, rate, chosen.tasks or tasks


def weights(workload):
    """For each layer its weight and bias, and scale and shift where it is normalized; float32."""
    random = np.random.default_rng(0)
    if workload in CONVOLUTIONAL:
        _, channels, filters, _, _, features, classes = CONVOLUTIONAL[workload]
        layers = []
        for inputs in (channels, filters, filters, filters):
            weight = (9 * inputs) ** -0.5 * random.standard_normal((3, 3, inputs, filters))
            layers.append([weight, np.zeros(filters), np.ones(filters), np.zeros(filters)])
        layers.append([features**-0.5 * random.standard_normal((features, classes)), np.zeros(classes)])
        return [[array.astype(np.float32) for array in layer] for layer in layers]
    sizes, layers = SIZES[workload], []
    for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        arrays = [inputs**-0.5 * random.standard_normal((inputs, outputs)), np.zeros(outputs)]
        if workload == "W10" and layer < len(sizes) - 2:
            arrays += [np.ones(outputs), np.zeros(outputs)]
        layers.append([array.astype(np.float32) for array in arrays])
    return layers


def batches(chosen):
    """Three batches: of support inputs, support targets, query inputs and query targets, or of inputs and labels."""
    random = np.random.default_rng(1)
    made = []
    for _ in range(3):
        if chosen.workload in ("W1", "W2"):
            tasks = meta_settings(chosen)[2]
            amplitude = random.uniform(0.1, 5, (tasks, 1, 1))
            phase = random.uniform(0, np.pi, (tasks, 1, 1))
            inputs = [random.uniform(-5, 5, (tasks, 10, 1)) for _ in range(2)]
            batch = [array for x in inputs for array in (x, amplitude * np.sin(x + phase))]
        elif chosen.workload == "W9":
            batch = [random.standard_normal((200, 28, 28, 1))]
        elif chosen.workload in CONVOLUTIONAL:
            size, channels, *_, classes = CONVOLUTIONAL[chosen.workload]
            tasks = META[chosen.workload][2]
            images = [random.standard_normal((tasks, classes * each, size, size, channels)) for each in (1, 15)]
            labels = [np.tile(np.arange(classes, dtype=np.int32).repeat(each), (tasks, 1)) for each in (1, 15)]
            batch = [images[0], labels[0], images[1], labels[1]]
        elif chosen.workload == "W10":
            images = [random.random((32, 5 * each, 784)) for each in (1, 5)]
            labels = [np.tile(np.arange(5, dtype=np.int32).repeat(each), (32, 1)) for each in (1, 5)]
            batch = [images[0], labels[0], images[1], labels[1]]
        else:
            examples = {"W6": 32, "W8": 256}[chosen.workload]
            batch = [random.standard_normal((examples, 784)), random.integers(0, 10, examples).astype(np.int32)]
        made.append([array if array.dtype == np.int32 else array.astype(np.float32) for array in batch])
    return made


def age():
    """Seconds since this process began; where the system does not say, since this file was read."""
    try:
        fields = open("/proc/self/stat").read().rsplit(")", 1)[1].split()
        return time.clock_gettime(time.CLOCK_BOOTTIME) - float(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return time.perf_counter() - BEGIN


def measure(chosen, step):
    """Times step(i), which returns when its results are computed, and prints a line of JSON as metalearn-bench does."""

    def timed(index):
        start = time.perf_counter()
        step(index)
        return time.perf_counter() - start

    timed(0)
    first = age()
    index, start = 1, time.perf_counter()
    while index < 200:
        passed = time.perf_counter() - start
        if not (passed < 0.4 or (index < 3 and passed < 2.5)):
            break
        timed(index)
        index += 1
    times, start = [], time.perf_counter()
    while True:
        times.append(timed(index))
        index += 1
        passed = time.perf_counter() - start
        if len(times) >= chosen.min_steps and (passed > 2 or len(times) >= 3000):
            break
        if passed > chosen.seconds and len(times) >= 5:
            break
    milliseconds = 1e3 * np.array(times)
    # Kibibytes, but bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({
        "workload": chosen.workload,
        "threads": chosen.threads,
        "median_ms": round(float(np.median(milliseconds)), 4),
        "min_ms": round(float(milliseconds.min()), 4),
        "p90_ms": round(float(np.quantile(milliseconds, 0.9)), 4),
        "n": len(times),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1),
        "time_to_first_step_s": round(first, 2),
    }))
