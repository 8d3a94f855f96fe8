"""Starts TensorBoard on a folder of runs and prints what it shows: python Scripts/check_tensorboard.py runs

Used by hand, after changes to Sources/Training/Logs; needs `pip install tensorboard`. Ends with status 1 where a run
has no figures, no pictures or no settings, or where a step is there twice. With --slow, TensorBoard reads by its Python
code rather than by its faster server.
"""

import argparse
import json
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("logdir")
    parser.add_argument("--slow", action="store_true")
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", options.logdir, "--host", "127.0.0.1"]
        + ["--port", str(port), f"--load_fast={'false' if options.slow else 'true'}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return check(f"http://127.0.0.1:{port}/data/plugin")
    finally:
        server.terminate()
        server.wait()


def check(address):
    def get(path, **query):
        url = f"{address}/{path}?{urllib.parse.urlencode(query)}"
        return urllib.request.urlopen(url, timeout=10).read()

    # A figure may be read while the rest of its file is not yet.
    tags, known = None, {}
    for _ in range(60):
        time.sleep(1)
        try:
            now = {kind: json.loads(get(f"{kind}/tags")) for kind in ["scalars", "images", "text"]}
        except OSError:
            continue
        if now["scalars"] and now == known:
            tags = now
            break
        known = now
    if not tags:
        print("TensorBoard shows nothing.")
        return 1
    failed = False
    for run, scalars in sorted(tags["scalars"].items()):
        print(run)
        for tag in sorted(scalars):
            points = json.loads(get("scalars/scalars", run=run, tag=tag))
            steps = [step for _, step, _ in points]
            twice = len(steps) - len(set(steps))
            unordered = steps != sorted(steps)
            failed = failed or twice > 0 or unordered
            fault = f", {twice} of them twice" if twice else ", not in order" if unordered else ""
            print(f"  {tag}: {len(points)} values, steps {steps[0]} to {steps[-1]}{fault}, last {points[-1][2]}")
        images = tags["images"].get(run, {})
        for tag in sorted(images):
            for image in json.loads(get("images/images", run=run, tag=tag, sample=0)):
                picture = get("images/individualImage", **dict(urllib.parse.parse_qsl(image["query"])))
                is_whole = picture[:4] == b"\x89PNG" and picture[-8:-4] == b"IEND"
                failed = failed or not is_whole
                print(f"  {tag}: {'a picture' if is_whole else 'damaged'}, {len(picture)} bytes, step {image['step']}")
        texts = tags["text"].get(run, {})
        for tag in sorted(texts):
            for text in json.loads(get("text/text", run=run, tag=tag)):
                rows = text["text"].count("<tr>")
                failed = failed or rows < 2
                print(f"  {tag}: a table of {rows} rows, step {text['step']}")
        if not images or not texts:
            print(f"  missing: {'pictures' if not images else 'settings'}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
