#!/usr/bin/env python3
"""The figures of a model that take seconds: scripts/model_figures.py --links PROGRAM --model DIR [--check]

Lifts the real clip (third_party/real_clip) and scores it, and evaluates three clips of validation subjects of
third_party/cmu_mocap, seen by the virtual cameras that the model was trained with. Prints JSON, mm:
{"clip": {CAMERA: PA-MPJPE over 14 joints}, "sample": {COMPOSITION: PA-MPJPE over 17 joints}}. With --check it is held
against DIR/figures.json: exit code 1 and a sentence for each that is off by more than 0.1 mm.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
CAMERAS = ("cam02", "cam03")
CLIPS = ("val/02_01.bvh", "val/09_01.bvh", "val/38_02.bvh")
IMPORT = ["--views", "2", "--fps", "10", "--seed", "1", "--cameras", "wild", "--joints", "detector", "--noise", "1.5"]
TOLERANCE_MM = .1  # another processor rounds otherwise


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"model_figures: error: {' '.join(map(str, command))} failed: {done.stderr.strip()}")
    return done.stdout


def clip(links, model, folder):
    """-> {camera: PA-MPJPE} of the real clip."""
    files = []
    for camera in CAMERAS:
        lifted = folder / f"{camera}.json"
        run(links, "lift", "--run", model, "--device", "cpu", "--input", SOURCE / "third_party/real_clip" / camera,
            "--fps", "60", "-o", lifted)
        files.append(f"{camera}={lifted}")
    return json.loads(run(sys.executable, SOURCE / "scripts/score_clip.py", "--json", *files))


def sample(links, model, folder):
    """-> {composition: PA-MPJPE} of the three clips."""
    with tarfile.open(SOURCE / "third_party/cmu_mocap/cmu_mocap_dev.tar.xz") as archive:
        for name in CLIPS:
            (folder / pathlib.Path(name).name).write_bytes(archive.extractfile(name).read())
    poses = folder / "sample.h5"
    run(links, "data", "import", "bvh", folder, "--output", poses, *IMPORT)
    report = json.loads(run(links, "evaluate", "--run", model, "--device", "cpu", "--data", poses, "--format", "json"))
    return {row["composition"]: row["pa_mpjpe"] for row in report["results"]
            if (row["scenario"], row["joints"], row["group"]) == ("none", "all", "all")}


def differences(found, expected):
    """-> a sentence for each figure that is another."""
    sentences = []
    for part in ("clip", "sample"):
        stated, here = expected.get(part, {}), found[part]
        for name in sorted(stated.keys() | here.keys()):
            a, b = stated.get(name), here.get(name)
            if a is None or b is None or abs(a - b) > TOLERANCE_MM:
                sentences.append(f"{part}, {name}: figures.json says {a} mm, found {b} mm")
    return sentences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--links", type=pathlib.Path, default=SOURCE / "build/release/bin/links")
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="links-model-") as temporary:
        folder = pathlib.Path(temporary)
        found = {"clip": clip(arguments.links, arguments.model, folder),
                 "sample": sample(arguments.links, arguments.model, folder)}
    print(json.dumps(found, indent=2))
    if not arguments.check:
        return 0
    stated = json.loads((arguments.model / "figures.json").read_text(encoding="utf-8"))
    sentences = differences(found, stated)
    print("\n".join(sentences), end="\n" if sentences else "", file=sys.stderr)
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
