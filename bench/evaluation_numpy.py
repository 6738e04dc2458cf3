#!/usr/bin/env python3
"""The evaluation of N poses as published evaluation scripts do it: a NumPy loop, one pose at a time.

PA-MPJPE (singular value decomposition, scale, reflection allowed), N-MPJPE (norm scale), PCK at 150 mm and
AUC over 31 thresholds. Reading is not timed. JSON on stdout.
"""
import argparse
import json
import sys
import time

import h5py
import numpy as np

PCK_MM = 150
AUC_MM = np.arange(0, 151, 5)


def align(predicted, truth):
    """The prediction after the similarity, mirror images included, that brings it closest to the truth."""
    predicted_mean, truth_mean = predicted.mean(axis=0), truth.mean(axis=0)
    p, g = predicted - predicted_mean, truth - truth_mean
    u, s, vt = np.linalg.svd(p.T @ g)
    return s.sum() / np.sum(p ** 2) * (p @ (u @ vt)) + truth_mean


def measure(predicted, truth):
    """PA-MPJPE, N-MPJPE, PCK and AUC of one pose, (17, 3) mm, root centred."""
    pa_errors = np.linalg.norm(align(predicted, truth) - truth, axis=1)
    scale = np.linalg.norm(truth) / np.linalg.norm(predicted)
    errors = np.linalg.norm(scale * predicted - truth, axis=1)
    auc = np.mean(errors[:, None] < AUC_MM)
    return pa_errors.mean(), errors.mean(), 100 * np.mean(errors < PCK_MM), 100 * auc


def evaluate(predicted, truth):
    """-> the metrics, averaged over poses, and the time in ms."""
    start = time.perf_counter()
    scores = [measure(p, g) for p, g in zip(predicted, truth)]
    means = np.mean(scores, axis=0)
    ms = 1e3 * (time.perf_counter() - start)
    return dict(zip(("pa_mpjpe_reflection", "n_mpjpe", "n_pck", "n_auc"), means.tolist())), ms


def fail(message):
    print(f"evaluation_numpy.py: {message}", file=sys.stderr)
    sys.exit(2)


def read(path):
    """-> predicted, truth."""
    try:
        with h5py.File(path) as file:
            missing = [name for name in ("predicted", "truth") if name not in file]
            if missing:
                fail(f"{path}: expected the data sets predicted and truth, found no {missing[0]}")
            predicted, truth = file["predicted"][:], file["truth"][:]
    except OSError as error:
        fail(f"{path}: expected an HDF5 file of poses, found: {error}")
    for name, poses in (("predicted", predicted), ("truth", truth)):
        if poses.shape != (len(truth), 17, 3) or not len(truth):
            fail(f"{path}: expected {name} to be (N, 17, 3) as truth, found {poses.shape}")
    return predicted, truth


def make(poses, seed):
    """Random poses, root centred: -> predicted, truth."""
    random = np.random.default_rng(seed)
    truth = random.normal(0, 200, (poses, 17, 3)).astype(np.float32)
    predicted = truth + random.normal(0, 40, truth.shape).astype(np.float32)
    return predicted - predicted[:, :1], truth - truth[:, :1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", help="HDF5: predicted and truth, (N, 17, 3), mm, root centred")
    parser.add_argument("--poses", type=int, default=10_000, help="to make without a file (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random poses (%(default)s)")
    arguments = parser.parse_args()
    if arguments.poses < 1:
        fail(f"expected --poses of at least 1, found {arguments.poses}")
    predicted, truth = read(arguments.file) if arguments.file else make(arguments.poses, arguments.seed)
    # In double precision, as our metrics are.
    metrics, ms = evaluate(predicted.astype(np.float64), truth.astype(np.float64))
    result = {"name": "evaluation", "mode": "NumPy loop", "ms": ms, "poses": len(truth),
              "poses_per_s": 1e3 * len(truth) / ms, "metrics": metrics}
    print(json.dumps({"results": [result]}, indent=2))


if __name__ == "__main__":
    main()
