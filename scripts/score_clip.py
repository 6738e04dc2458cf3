#!/usr/bin/env python3
"""Scores a lifting of the real clip (third_party/real_clip): scripts/score_clip.py cam02=FILE.json cam03=FILE.json

FILE.json: what `links lift --input third_party/real_clip/cam02 --fps 60 -o FILE.json` writes. The subject is the person whose
keypoints span the most pixels from top to bottom; a bystander is seen as well. One line a camera on stdout: PA-MPJPE in mm
over the 14 joints of the truth (each frame aligned by a rotation, a scale and a translation, no reflection), its like with all depths 0, and
how many frames were scored; then the mean over the cameras. --json prints {camera: PA-MPJPE} instead.
"""

import argparse
import json
import pathlib
import sys

import h5py
import numpy as np

CLIP = pathlib.Path(__file__).resolve().parent.parent / "third_party/real_clip"


def align(points, target):
    """The similarity of `points` (K, 3) closest to `target` (K, 3): Umeyama 1991, a rotation without reflection."""
    centre, goal = points.mean(axis=0), target.mean(axis=0)
    moved = points - centre
    left, stretch, right = np.linalg.svd((target - goal).T @ moved)
    sign = np.ones(3)
    sign[2] = np.sign(np.linalg.det(left) * np.linalg.det(right))
    scale = (stretch * sign).sum() / np.square(moved).sum()
    return scale * moved @ (left * sign @ right).T + goal


def error(points, target):
    """PA-MPJPE, in the unit of `target`."""
    return float(np.linalg.norm(align(points, target) - target, axis=1).mean())


def subject(people):
    """Of the people of a frame that have joints, the tallest in the image; None without one."""
    def height(person):
        rows = [keypoint[1] for keypoint in person["keypoints"] if keypoint is not None]
        return max(rows) - min(rows)

    return max((person for person in people if person.get("joints")), key=height, default=None)


def score(frames, truth, joints):
    """-> PA-MPJPE of the lifted joints, of the same with all depths 0, and the frames scored."""
    lifted, flat = [], []
    for frame, target in zip(frames, truth):
        person = subject(frame["people"])
        if person is None:
            continue
        points = np.array(person["joints"], dtype=float)[joints]
        lifted.append(error(points, target))
        flat.append(error(points * [1, 1, 0], target))
    return np.mean(lifted), np.mean(flat), len(lifted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="CAMERA=FILE.json")
    parser.add_argument("--json", action="store_true", help="print {camera: PA-MPJPE}")
    arguments = parser.parse_args()
    errors = {}
    with h5py.File(CLIP / "truth.h5") as truth:
        joints = truth["joints_17_index"][:]
        for argument in arguments.files:
            camera, _, path = argument.partition("=")
            if camera not in truth or not path:
                sys.exit(f"score_clip: error: expected cam02=FILE.json or cam03=FILE.json, found '{argument}'")
            frames = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["frames"]
            goal = truth[camera]["joints_3d"][:].astype(float)
            if len(frames) != len(goal):
                sys.exit(f"score_clip: error: expected {len(goal)} frames in {path}, found {len(frames)}")
            errors[camera], flat, scored = score(frames, goal, joints)
            if not scored:
                sys.exit(f"score_clip: error: expected a person lifted in {path}, found none")
            if not arguments.json:
                print(f"{camera}: PA-MPJPE {errors[camera]:.1f} mm, flat pose {flat:.1f} mm, {scored} of {len(goal)} frames")
    if arguments.json:
        print(json.dumps(errors))
    elif len(errors) > 1:
        print(f"mean:  PA-MPJPE {np.mean(list(errors.values())):.1f} mm")


if __name__ == "__main__":
    main()
