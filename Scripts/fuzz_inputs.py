#!/usr/bin/env python3
"""Gives metalearn damaged files of every format that it reads, and checks what it does with them.

Each file is cut off, has bytes flipped, zeroed, repeated or put in, or numbers made enormous. The program must end by itself
within a time, within a memory, with status 0 (the damage did no harm) or with status 2 and one sentence.

    Scripts/fuzz_inputs.py METALEARN DATA [COUNT]      # DATA has omniglot/ and mnist/; 200 files by default
"""
import io, os, random, resource, shutil, struct, subprocess, sys, tarfile, tempfile, zipfile

metalearn, data = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
random.seed(int(os.environ.get("SEED", 4)))
work = tempfile.mkdtemp()
memory = 3 << 30


def run(*arguments, timeout=120):
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    return subprocess.run([metalearn, *arguments], cwd=work, capture_output=True, text=True, timeout=timeout,
                          preexec_fn=limit, errors="replace")


def must(*arguments):
    result = run(*arguments)
    assert result.returncode == 0, (arguments, result.stderr)


def damaged(original):
    bytes_ = bytearray(original)
    kind = random.randrange(7)
    place = random.randrange(max(len(bytes_), 1))
    # The beginning has the headers.
    if random.random() < 0.5:
        place = min(place, random.randrange(200))
    if kind == 0:
        return bytes(bytes_[:place])
    if kind == 1:
        for _ in range(random.choice([1, 4, 64])):
            bytes_[random.randrange(max(place, 1), len(bytes_)) if place + 1 < len(bytes_) else 0] ^= 1 << random.randrange(8)
    elif kind == 2:
        bytes_[place:place + 16] = bytes(len(bytes_[place:place + 16]))
    elif kind == 3:
        bytes_[place:place] = random.randbytes(random.choice([1, 8, 1000]))
    elif kind == 4:
        bytes_[place:place + 8] = struct.pack(random.choice("<>") + "Q", random.choice([2**63 - 1, 2**32 - 1, 2**40, 0]))
    elif kind == 5:
        bytes_[place:place] = bytes_[place:place + 500]
    else:
        return random.choice([b"", b"\0", random.randbytes(300), b"{}", b"[1,2", "née\n".encode("latin-1") * 40])
    return bytes(bytes_)


# A small run of each kind, and the files that they read.
pictures = os.path.join(work, "pictures")
with zipfile.ZipFile(os.path.join(data, "omniglot/images_background.zip")) as archive:
    names = [n for n in archive.namelist() if "/Greek/" in n and n.endswith((".png",)) and int(n[-6:-4]) < 8]
    for name in names:
        path = os.path.join(pictures, name.split("/")[2], os.path.basename(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "wb").write(archive.read(name))
png = os.path.join(pictures, "character01", sorted(os.listdir(os.path.join(pictures, "character01")))[0])
small = ["--iterations", "3", "--tasks", "4", "--test-steps", "1", "--meta-batch", "2"]
must("train", "--data", pictures, "--filters", "4", "--queries", "2", "--out", "mine", *small)
must("train", "--dataset", "sinusoid", "--out", "sines", *small)
support = os.path.join(work, "support")
for name in sorted(os.listdir(pictures))[:5]:
    os.makedirs(os.path.join(support, name))
    shutil.copy(os.path.join(pictures, name, sorted(os.listdir(os.path.join(pictures, name)))[0]), os.path.join(support, name))
must("adapt", "mine", "--support", support, "--out", "model.safetensors")
with open(os.path.join(work, "table.csv"), "w") as table:
    table.write("task,x,target\n" + "".join(f"t{i % 12},{i},{i * i % 7}\n" for i in range(600)))
with open(os.path.join(work, "classes.csv"), "w") as table:
    table.write("task,x,target\n" + "".join(f"t{i % 12},{i},{'abc'[i // 12 % 3]}\n" for i in range(720)))


def npy(kind, shape, values):
    """An array as NumPy writes it."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values


examples = npy("<f4", (200, 3), struct.pack("<600f", *(random.gauss(i // 3 % 20, 1) for i in range(600))))
labels = npy("<i8", (200,), struct.pack("<200q", *(i % 20 for i in range(200))))
open(os.path.join(work, "x.npy"), "wb").write(examples)
open(os.path.join(work, "y.npy"), "wb").write(labels)
with zipfile.ZipFile(os.path.join(work, "both.npz"), "w") as archive:
    archive.writestr("x.npy", examples)
    archive.writestr("y.npy", labels)
arrays = ["--ways", "3", "--queries", "2", "--hidden", "4"]
must("train", "--data", "both.npz", *arrays, "--out", "points", *small)
open(os.path.join(work, "few.npy"), "wb").write(npy("<f4", (4, 3), struct.pack("<12f", *range(12))))
open(os.path.join(work, "names.npy"), "wb").write(npy("<U1", (4,), "abab".encode("utf-32-le")))
with zipfile.ZipFile(os.path.join(work, "few.npz"), "w") as archive:
    archive.write(os.path.join(work, "few.npy"), "x.npy")
    archive.write(os.path.join(work, "names.npy"), "y.npy")
must("adapt", "points", "--support", "few.npz", "--out", "pointed.safetensors")
must("train", "--data", "table.csv", "--shots", "5", "--queries", "5", "--out", "rows", *small)
must("data", "episodes", "sines", "--tasks", "5", "--out", "list.safetensors")
with open(os.path.join(work, "recipe.yaml"), "w") as recipe:
    recipe.write("dataset: sinusoid\nshots: 5\nqueries: 5\nhidden: [8, 8]\ninner-rate: 0.01\niterations: 3\ntasks: 4\n"
                 "meta-batch: 2\ntest-steps: 1\nexpected: {value: 1.0, source: \"nobody\"}\n")
# The first drawings of the real archive, so that a run is short: the loader reads the whole anyway.
mnist, omniglot = os.path.join(work, "mnist"), os.path.join(work, "omniglot")
shutil.copytree(os.path.join(data, "mnist"), mnist)
shutil.copytree(os.path.join(data, "omniglot"), omniglot)
# CIFAR-100's four files with three pictures of each class, in a folder and in an archive.
cifar, packed = os.path.join(work, "cifar"), os.path.join(work, "packed")
os.makedirs(cifar), os.makedirs(packed)
records = b"".join(bytes([i % 20, i % 100]) + random.randbytes(3072) for i in range(300))
parts = {"train.bin": records, "test.bin": records[:100 * 3074],
         "fine_label_names.txt": "".join(f"class{i}\n" for i in range(100)).encode(),
         "coarse_label_names.txt": "".join(f"family{i}\n" for i in range(20)).encode()}
with tarfile.open(os.path.join(packed, "cifar-100-binary.tar.gz"), "w:gz") as archive:
    for name, content in parts.items():
        open(os.path.join(cifar, name), "wb").write(content)
        entry = tarfile.TarInfo("cifar-100-binary/" + name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
jpeg = os.path.join(work, "picture.jpg")
# A JPEG of 8×8 grey pixels: quantization, frame, two Huffman tables, scan.
open(jpeg, "wb").write(bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300" + "01" * 64 + "ffc0000b080008000801011100"
    "ffc4001f0000010501010101010100000000000000000102030405060708090a0b"
    "ffc400b5100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a"
    "161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92"
    "939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5"
    "f6f7f8f9faffda0008010100003f00fbfeffd9"))

fit = ["fit", "--dataset", "mnist", "--data", mnist, "--epochs", "1", "--hidden", "2", "--batch-size", "10000", "--out", "OUT"]
colours = ["fit", "--dataset", "cifar-fs", "--epochs", "1", "--hidden", "2", "--out", "OUT", "--data"]
real = ["train", "--dataset", "omniglot", "--data", omniglot, "--hidden", "4", "--out", "OUT", *small]
targets = [
    ("png", png, ["data", "inspect", pictures], (0, 1, 2)),
    ("png", png, ["train", "--data", pictures, "--filters", "4", "--queries", "2", "--out", "OUT", *small], (0, 2)),
    ("png", png, ["predict", "model.safetensors", png], (0, 2)),
    ("jpeg", jpeg, ["predict", "model.safetensors", jpeg], (0, 2)),
    ("csv", os.path.join(work, "table.csv"), ["train", "--data", "table.csv", "--shots", "5", "--queries", "5", "--out", "OUT", *small], (0, 2)),
    ("csv", os.path.join(work, "classes.csv"), ["train", "--data", "classes.csv", "--dataset", "class-table", "--ways", "3", "--queries", "5", "--hidden", "4", "--out", "OUT", *small], (0, 2)),
    ("csv", os.path.join(work, "table.csv"), ["adapt", "rows", "--support", "table.csv", "--out", "other.safetensors"], (0, 2)),
    ("npy", os.path.join(work, "x.npy"), ["train", "--data", "x.npy", "--labels", "y.npy", *arrays, "--out", "OUT", *small], (0, 2)),
    ("npy", os.path.join(work, "y.npy"), ["train", "--data", "x.npy", "--labels", "y.npy", *arrays, "--out", "OUT", *small], (0, 2)),
    ("npy", os.path.join(work, "few.npy"), ["predict", "pointed.safetensors", "few.npy"], (0, 2)),
    ("npz", os.path.join(work, "both.npz"), ["train", "--data", "both.npz", *arrays, "--out", "OUT", *small], (0, 2)),
    ("npz", os.path.join(work, "few.npz"), ["adapt", "points", "--support", "few.npz", "--out", "other.safetensors"], (0, 2)),
    ("episodes", os.path.join(work, "list.safetensors"), ["evaluate", "sines", "--list", "list.safetensors", "--steps", "1"], (0, 2)),
    ("yaml", os.path.join(work, "recipe.yaml"), ["train", "--recipe", "./recipe.yaml", "--out", "OUT"], (0, 2)),
    ("safetensors", os.path.join(work, "mine/weights.safetensors"), ["adapt", "mine", "--support", support, "--out", "other.safetensors"], (0, 2)),
    ("model", os.path.join(work, "model.safetensors"), ["predict", "model.safetensors", png], (0, 2)),
    ("config", os.path.join(work, "sines/config.json"), ["evaluate", "sines", "--tasks", "4", "--steps", "1"], (0, 2)),
    ("checkpoint", os.path.join(work, "sines/checkpoint.safetensors"), ["train", "--resume", "sines"], (0, 2)),
    ("metrics", os.path.join(work, "sines/metrics.jsonl"), ["train", "--resume", "sines"], (0, 2)),
    ("idx", os.path.join(mnist, sorted(f for f in os.listdir(mnist) if "labels" in f)[0]), fit, (0, 2)),
    ("cifar", os.path.join(cifar, "train.bin"), [*colours, cifar], (0, 2)),
    ("cifar", os.path.join(cifar, "fine_label_names.txt"), [*colours, cifar], (0, 2)),
    ("tar.gz", os.path.join(packed, "cifar-100-binary.tar.gz"), [*colours, packed], (0, 2)),
    ("zip", os.path.join(omniglot, "images_evaluation.zip"), real, (0, 2)),
    ("split", os.path.join(omniglot, "splits_vinyals/val.txt"), real, (0, 2)),
]
# What takes seconds is tried less often.
weights = [1 if kind in ("zip", "split", "idx") else 4 for kind, *_ in targets]
seen, wrong = {}, 0
for number in range(count):
    kind, path, command, allowed = random.choices(targets, weights)[0]
    out = f"out{number}"
    command = [out if part == "OUT" else part for part in command]
    original = open(path, "rb").read()
    saved = {f: open(os.path.join(work, "sines", f), "rb").read() for f in os.listdir(os.path.join(work, "sines"))}
    broken = damaged(original)
    open(path, "wb").write(broken)
    try:
        result = run(*command)
        sentences = [line for line in result.stderr.splitlines() if line.startswith("metalearn: ")]
        ok = result.returncode in allowed and (result.returncode != 2 or len(sentences) == 1)
        what = str(result.returncode)
        told = sentences[0] if sentences else result.stderr[-300:]
    except subprocess.TimeoutExpired:
        ok, what, told = False, "timeout", ""
    seen.setdefault(kind, {}).setdefault(what, 0)
    seen[kind][what] += 1
    if not ok:
        wrong += 1
        keep = f"/tmp/metalearn-fuzz-{number}-{kind}"
        open(keep, "wb").write(broken)
        print(f"WRONG {kind} status {what}: {' '.join(command)}\n  damaged file kept as {keep}\n  {told}")
    elif os.environ.get("VERBOSE"):
        print(kind, what, told[:200])
    open(path, "wb").write(original)
    for name, content in saved.items():
        open(os.path.join(work, "sines", name), "wb").write(content)
    shutil.rmtree(os.path.join(work, out), ignore_errors=True)
shutil.rmtree(work)
for kind, statuses in sorted(seen.items()):
    print(f"{kind:12}" + "  ".join(f"status {s}: {n}" for s, n in sorted(statuses.items())))
print(f"{count} damaged files, {wrong} wrong")
sys.exit(1 if wrong else 0)
