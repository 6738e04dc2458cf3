"""Writes MPI-INF-3DHP's files as published (annot.mat: version 5, annot_data.mat: 7.3) from seeded motion."""

import pathlib

import h5py
import numpy as np
import scipy.io

from layouts import motion

CAMERAS = 14
# The published names, in the files' orders.
TRAIN_JOINTS = """spine3 spine4 spine2 spine pelvis neck head head_top
    left_clavicle left_shoulder left_elbow left_wrist left_hand
    right_clavicle right_shoulder right_elbow right_wrist right_hand
    left_hip left_knee left_ankle left_foot left_toe
    right_hip right_knee right_ankle right_foot right_toe""".split()
TEST_JOINTS = """head_top neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist
    right_hip right_knee right_ankle left_hip left_knee left_ankle pelvis spine head""".split()
# The names of Human3.6M's 17 joints, in the order of a pose file.
OUR_JOINTS = """pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle spine neck head head_top
    left_shoulder left_elbow left_wrist right_shoulder right_elbow right_wrist""".split()
ACTIVITIES = ["Standing/Walking", "Exercising", "Sitting", "Reaching/Crouching", "On The Floor", "Sports",
              "Miscellaneous"]
UNIVERSAL = 0.93  # size of the universal skeleton, here


def views(seed, frames, cameras):
    """A moving person seen by cameras around it. -> list of {"annot2" (F, 17, 2) px, "annot3" and
    "univ_annot3" (F, 17, 3) mm in the camera's frame, joints in our order}."""
    world = motion.world_motion(seed, frames)
    seen = []
    for camera in range(cameras):
        azimuth = 2 * np.pi * camera / cameras + 0.1
        rotation, position = motion.look_at_camera(azimuth, 4000 + 50 * camera, 1500)
        joints = (world - position) @ rotation.T
        root = joints[:, :1]
        seen.append({"annot2": 1024 + 1500 * joints[..., :2] / joints[..., 2:], "annot3": joints,
                     "univ_annot3": root + UNIVERSAL * (joints - root)})
    return seen


def reordered(joints, names, seed=0):
    """Our 17 joints in the order of `names`; joints that we do not have get numbers of their own."""
    random = np.random.default_rng(seed)
    out = np.empty((len(joints), len(names), joints.shape[2]))
    for index, name in enumerate(names):
        if name in OUR_JOINTS:
            out[:, index] = joints[:, OUR_JOINTS.index(name)]
        else:
            out[:, index] = 7000 + random.uniform(0, 900, out[:, index].shape)
    return out


def cells(arrays):
    """A MATLAB cell array of n x 1."""
    cell = np.empty((len(arrays), 1), dtype=object)
    for index, array in enumerate(arrays):
        cell[index, 0] = array
    return cell


def train_variables(seen):
    """What annot.mat holds, from 14 views."""
    frames = len(seen[0]["annot2"])
    variables = {}
    for name in ("annot2", "annot3", "univ_annot3"):
        rows = [reordered(view[name], TRAIN_JOINTS).reshape(len(view[name]), -1) for view in seen]
        variables[name] = cells(rows)
    variables["cameras"] = np.arange(CAMERAS, dtype=np.uint8)[None]
    variables["frames"] = np.arange(frames, dtype=float)[:, None]
    return variables


def write_train(folder, subject, sequence, seen, compress=True, change=None):
    """Writes S1/Seq1/annot.mat and the like; `change` may edit the variables before. -> the path"""
    path = pathlib.Path(folder) / subject / sequence / "annot.mat"
    path.parent.mkdir(parents=True, exist_ok=True)
    variables = train_variables(seen)
    if change:
        change(variables)
    scipy.io.savemat(path, variables, do_compression=compress)
    return path


def test_variables(view, valid, activity):
    """What annot_data.mat holds, by MATLAB's shapes: 2 x 17 x 1 x n and so on."""
    variables = {name: reordered(view[name], TEST_JOINTS).transpose(2, 1, 0)[:, :, None]
                 for name in ("annot2", "annot3", "univ_annot3")}
    variables["valid_frame"] = np.asarray(valid, dtype=float)[None]
    variables["activity_annotation"] = np.asarray(activity, dtype=float)[None]
    return variables


def write_mat73(path, variables, classes=None):
    """Writes MATLAB's HDF5: a 512-byte header before it, dimensions reversed, the class as an attribute."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in variables.items():
            kind = (classes or {}).get(name, "double").encode()
            data = file.create_dataset(name, data=np.ascontiguousarray(array.T))
            text = h5py.h5t.C_S1.copy()
            text.set_size(len(kind))
            attribute = h5py.h5a.create(data.id, b"MATLAB_class", text, h5py.h5s.create(h5py.h5s.SCALAR))
            attribute.write(np.array(kind), mtype=text)
            if kind == b"logical":
                data.attrs["MATLAB_int_decode"] = np.int32(1)
    header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 .".ljust(116) + bytes(8)
    with open(path, "r+b") as file:
        file.write((header + (0x0200).to_bytes(2, "little") + b"IM").ljust(512, b"\0"))


def write_test(folder, subject, view, valid, activity, change=None, classes=None):
    """Writes TS1/annot_data.mat and the like. -> the path"""
    path = pathlib.Path(folder) / subject / "annot_data.mat"
    variables = test_variables(view, valid, activity)
    if change:
        change(variables)
    write_mat73(path, variables, classes)
    return path
