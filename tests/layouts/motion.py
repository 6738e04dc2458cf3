"""A seeded moving person in Human3.6M's 17 joints, world frame (mm, z up), and cameras that look at it."""

import numpy as np

FPS = 50
# Where the 17 joints are among Human3.6M's 32.
JOINTS_17_OF_32 = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]


def _wave(random, time, centre, amplitude):
    """A smooth random curve: three sines of 0.1 to 0.9 Hz. -> (frames,)"""
    frequencies = random.uniform(0.1, 0.9, 3)
    phases = random.uniform(0, 2 * np.pi, 3)
    weights = random.dirichlet([2, 2, 2])
    sines = np.sin(2 * np.pi * frequencies * time[:, None] + phases)
    return centre + 1.5 * amplitude * sines @ weights


def _swung(forward, outward, side, length):
    """A limb of a person who faces x with y to the left: the angles lift it from straight down. -> (frames, 3)"""
    return length * np.stack([np.sin(forward), side * np.cos(forward) * np.sin(outward),
                              -np.cos(forward) * np.cos(outward)], axis=1)


def _turned(angle, vectors):
    """Rotates (frames, ..., 3) about z by (frames,) radians."""
    cos, sin = np.cos(angle), np.sin(angle)
    if vectors.ndim == 3:
        cos, sin = cos[:, None], sin[:, None]
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=-1)


def _leg(random, time, gait, walk, crouch, side, size):
    phase = gait if side > 0 else gait + np.pi
    thigh = 0.45 * walk * np.sin(phase) + 1.2 * crouch + _wave(random, time, 0.05, 0.1)
    knee = 0.1 + 0.5 * walk * (1 + np.sin(phase + 0.8)) + 1.6 * crouch + np.abs(_wave(random, time, 0, 0.15))
    outward = np.abs(_wave(random, time, 0.08, 0.1))
    hip = np.tile([0, side * 132 * size, 0], (len(time), 1))
    at_knee = hip + _swung(thigh, outward, side, 445 * size)
    return [hip, at_knee, at_knee + _swung(thigh - knee, outward, side, 450 * size)]


def _arm(random, time, gait, walk, gesture, side, size, shoulder):
    phase = gait + np.pi if side > 0 else gait
    upper = 0.4 * walk * np.sin(phase) + _wave(random, time, 0.7 * gesture, 0.2 + 0.6 * gesture)
    elbow = 0.2 + np.abs(_wave(random, time, 1.2 * gesture, 0.3 + 0.8 * gesture))
    outward = np.abs(_wave(random, time, 0.2, 0.1 + 0.4 * gesture))
    at_elbow = shoulder + _swung(upper, outward, side, 280 * size)
    return [shoulder, at_elbow, at_elbow + _swung(upper + elbow, 0.5 * outward, side, 250 * size)]


def world_motion(seed, frames):
    """A person of its own size and manners for every seed, walking, crouching and gesturing within 1.5 m of the
    origin at 50 frames/s. -> (frames, 17, 3) mm, z up, Human3.6M order (left arm 11-13, right arm 14-16)."""
    random = np.random.default_rng(seed)
    time = np.arange(frames) / FPS
    size = random.uniform(0.92, 1.08)
    walk, gesture = random.uniform(0.1, 1, 2)
    gait = 2 * np.pi * random.uniform(0.7, 1.1) * time + random.uniform(0, 2 * np.pi)
    crouch = np.clip(_wave(random, time, random.uniform(-0.3, 0.7), 0.5), 0, 1)

    left_leg = _leg(random, time, gait, walk, crouch, 1, size)
    right_leg = _leg(random, time, gait, walk, crouch, -1, size)
    lean = 0.35 * crouch + _wave(random, time, 0.08, 0.12)
    bend, twist, nod = (_wave(random, time, 0, amplitude) for amplitude in (0.1, 0.3, 0.25))
    up = np.stack([np.sin(lean), np.sin(bend) * np.cos(lean), np.cos(lean) * np.cos(bend)], axis=1)
    spine = (233 * size) * up
    thorax = spine + (255 * size) * up
    gaze = _turned(twist, np.stack([np.sin(nod), np.zeros(frames), np.cos(nod)], axis=1))
    neck = thorax + 117 * size * (0.4 * gaze + 0.6 * up) + _turned(twist, np.tile([40.0, 0, 0], (frames, 1)))
    head = neck + 115 * size * gaze - _turned(twist, np.tile([30.0, 0, 0], (frames, 1)))
    shoulder = _turned(twist, np.tile([0, 151.0 * size, -15], (frames, 1)))
    left_arm = _arm(random, time, gait, walk, gesture, 1, size, thorax + shoulder)
    right_arm = _arm(random, time, gait, walk, gesture, -1, size, thorax + shoulder * [-1, -1, 1])

    joints = np.stack([np.zeros((frames, 3)), *right_leg, *left_leg, spine, thorax, neck, head, *left_arm,
                       *right_arm], axis=1)
    joints = _turned(_wave(random, 0.25 * time, random.uniform(0, 2 * np.pi), 2.0), joints)
    lowest = joints[:, [3, 6], 2].min(axis=1)
    where = np.stack([_wave(random, time, 0, 700), _wave(random, time, 0, 700), 80 - lowest], axis=1)
    return joints + where[:, None]


def human36m_32(world17):
    """The 17 joints (F, 17, 3) among Human3.6M's 32: toes, hands and the doubles of hip and thorax are made up."""
    joints = np.zeros((len(world17), 32, 3))
    joints[:, JOINTS_17_OF_32] = world17
    for ankle, toes in ((3, (4, 5)), (8, (9, 10))):
        for n, toe in enumerate(toes):
            joints[:, toe] = joints[:, ankle] + [90 + 60 * n, 20, -50]
    joints[:, 11] = joints[:, 0]
    joints[:, [16, 24]] = joints[:, [13, 13]]
    for wrist, hand in ((19, range(20, 24)), (27, range(28, 32))):
        for n, joint in enumerate(hand):
            joints[:, joint] = joints[:, wrist] + [20 * n, 15, -30 - 10 * n]
    return joints


def look_at_camera(azimuth, distance_mm, height_mm):
    """A camera at that azimuth (rad) and height that looks at a point 0.9 m above the origin.
    -> R (3, 3), T (3,) with X_camera = R (X_world - T), x right, y down, z forward."""
    position = np.array([distance_mm * np.cos(azimuth), distance_mm * np.sin(azimuth), height_mm])
    forward = np.array([0, 0, 900.0]) - position
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(forward, right), forward]), position
