"""Poses with every pattern of gaps, as arrays and as a file that `links lift` reads."""

import itertools
import json
import random

JOINTS = 17
# A standing figure in Human3.6M's order, units of the trunk, x right and y down.
FIGURE = [(0, 0), (-.2, 0), (-.22, .8), (-.25, 1.6), (.2, 0), (.25, .75), (.2, 1.55), (0, -.5), (0, -1), (0, -1.2), (0, -1.45),
          (.35, -1), (.55, -.55), (.8, -.9), (-.35, -1), (-.5, -.5), (-.45, 0)]


def gaps(count, seed=1):
    """-> the joints missing from each of `count` poses: none, each, each two, then any number anywhere."""
    draw = random.Random(seed)
    patterns = [()] + [(j,) for j in range(JOINTS)] + list(itertools.combinations(range(JOINTS), 2))
    while len(patterns) < count:
        chance = draw.random()
        patterns.append(tuple(j for j in range(JOINTS) if draw.random() < chance))
    return patterns[:count]


def people(count, seed=1):
    """-> for each pose 17 of (x, y, confidence), pixels, (0, 0, 0) where missing."""
    draw = random.Random(seed)
    made = []
    for missing in gaps(count, seed):
        size, left, top = draw.uniform(20, 300), draw.uniform(-50, 900), draw.uniform(100, 700)
        pose = []
        for joint, (x, y) in enumerate(FIGURE):
            x, y = x + draw.uniform(-.15, .15), y + draw.uniform(-.15, .15)
            pose.append((0, 0, 0) if joint in missing else (left + size * x, top + size * y, draw.uniform(.3, 1)))
        made.append(pose)
    return made


def lines(poses):
    """JSON lines of a frame with one person each."""
    return "".join(json.dumps({"people": [{"keypoints": [list(point) for point in pose]}]}) + "\n" for pose in poses)
