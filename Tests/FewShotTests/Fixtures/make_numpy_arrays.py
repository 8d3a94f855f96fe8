"""Writes the arrays in this folder, with what they hold in numpy_arrays.json: python3 make_numpy_arrays.py (NumPy 2)."""

import json
import os

import numpy as np

folder = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(0)
arrays = {
    "bytes": rng.integers(0, 256, (4, 3, 2), dtype=np.uint8),
    "truths": np.array([True, False, True]),
    "int8": np.array([-128, 127], dtype=np.int8),
    "int16": np.array([[-5, 300]], dtype=np.int16),
    "int64": np.array([2**40, -1], dtype=np.int64),
    "uint32": np.array([2**32 - 1], dtype=np.uint32),
    "float32": rng.standard_normal((2, 3)).astype(np.float32),
    "float64": rng.standard_normal(5),
    "fortran": np.asfortranarray(rng.integers(0, 100, (2, 3, 4)).astype(np.int32)),
    "fortran_bytes": np.asfortranarray(rng.integers(0, 100, (3, 4)).astype(np.uint8)),
    "texts": np.array(["a", "längst", "猫"]),
    "scalar": np.array(7, dtype=np.int32),
    "empty": np.zeros((0, 3), dtype=np.float32),
}
expected = {}
for name, array in arrays.items():
    np.save(os.path.join(folder, f"{name}.npy"), array)
    expected[name] = {"shape": list(array.shape), "values": array.ravel(order="C").tolist()}
np.save(os.path.join(folder, "halves.npy"), np.array([0.5], dtype=np.float32))
np.save(os.path.join(folder, "big_endian.npy"), np.arange(3, dtype=">i4"))
np.save(os.path.join(folder, "complex.npy"), np.zeros(2, dtype=np.complex64))
np.save(os.path.join(folder, "objects.npy"), np.array([{}, None], dtype=object), allow_pickle=True)
np.save(os.path.join(folder, "records.npy"), np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
np.savez(os.path.join(folder, "plain.npz"), x=arrays["float32"], y=np.array([0, 1]))
np.savez_compressed(os.path.join(folder, "compressed.npz"), x=arrays["bytes"], y=np.array(["b", "a", "b", "a"]))
with open(os.path.join(folder, "numpy_arrays.json"), "w") as file:
    json.dump(expected, file, ensure_ascii=False)
