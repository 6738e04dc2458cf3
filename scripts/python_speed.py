"""How much slower a call from Python is than the library's in C++, in turn in one process: python_speed.py RUN

One pose by itself and batches; for each the median over rounds of (Python's seconds) / (C++'s seconds).
"""

import statistics
import sys
import time

import numpy as np

import links


def poses(count, seed=1):
    """COCO keypoints (count, 17, 3), pixels, some joints missing."""
    draw = np.random.default_rng(seed)
    made = np.concatenate([draw.uniform(100, 500, (count, 17, 2)), draw.uniform(.3, 1, (count, 17, 1))], -1)
    made[draw.random((count, 17)) < .05] = 0
    return made


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    lifter = links.Lifter(sys.argv[1])
    reading = lifter._reading("coco17", None, False)
    print(f"{'poses':>6} {'C++':>10} {'Python':>10} {'ratio':>6} {'rounds':>7}")
    for count, calls, rounds in [(1, 20, 31), (32, 5, 21), (256, 2, 15)]:
        given = poses(count)
        arrays = links._links.KeypointArrays(given[:, None], None)
        lifter.lift(given)
        times = []
        for _ in range(rounds):
            in_cpp = lifter._estimator.seconds_in_cpp(arrays, reading, calls)
            start = time.perf_counter()
            for _ in range(calls):
                lifter.lift(given)
            times.append((in_cpp, (time.perf_counter() - start) / calls))
        ratio = statistics.median(python / cpp for cpp, python in times)
        cpp, python = (statistics.median(column) for column in zip(*times))
        print(f"{count:6} {1e3 * cpp:7.3f} ms {1e3 * python:7.3f} ms {ratio:6.2f} {rounds:7}")


if __name__ == "__main__":
    main()
