"""Writes one seeded recording in the three layouts in which Human3.6M goes round, each with its quirks.

The cameras and people are made up; projection and file formats are written here from their descriptions, apart
from the C++ that reads them.
"""

import pathlib

import h5py
import numpy as np
from scipy.spatial.transform import Rotation

from layouts import motion

SUBJECTS = ["S1", "S5", "S6", "S7", "S8", "S9", "S11"]
CAMERAS = ["54138969", "55011271", "58860488", "60457274"]
ACTIONS = ["Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing", "Purchases", "Sitting",
           "SittingDown", "Smoking", "Waiting", "WalkDog", "WalkTogether", "Walking"]
FETCH_NAMES = {"Photo": "TakingPhoto", "WalkDog": "WalkingDog", "WalkTogether": "WalkingTogether"}
FETCH_IDS = {name: n + 2 for n, name in enumerate([
    "Directions", "Discussion", "Eating", "Greeting", "Phoning", "Posing", "Purchases", "Sitting", "SittingDown",
    "Smoking", "TakingPhoto", "Waiting", "Walking", "WalkingDog", "WalkingTogether"])}
SYMMETRY = [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]


def distorted(flat, k, p):
    """Human3.6M's lens on (..., 2) = X/Z, Y/Z."""
    x, y = flat[..., 0], flat[..., 1]
    r2 = x**2 + y**2
    factor = 1 + k[0] * r2 + k[1] * r2**2 + k[2] * r2**3 + p[0] * y + p[1] * x
    return np.stack([x * factor + p[1] * r2, y * factor + p[0] * r2], axis=-1)


def distorted_videopose3d(flat, k, p):
    """The lens as VideoPose3D's code has it: the same with p reversed."""
    r2 = (flat**2).sum(-1, keepdims=True)
    radial = 1 + np.concatenate([r2, r2**2, r2**3], axis=-1) @ np.asarray(k)[:, None]
    return flat * (radial + (flat @ np.asarray(p))[..., None]) + np.asarray(p) * r2


class Recordings:
    """Seven subjects, fifteen actions, two takes, four cameras a subject."""

    def __init__(self, frames=8, subjects=SUBJECTS, seed=5):
        self.frames, self.subjects = frames, list(subjects)
        self.rigs, self._world = {}, {}
        for subject in subjects:
            number = int(subject[1:])
            people = motion.human36m_32(motion.world_motion(1000 * seed + number, frames * 2 * len(ACTIONS)))
            self._world[subject] = people.reshape(len(ACTIONS), 2, frames, 32, 3)
            self.rigs[subject] = self._rig(np.random.default_rng([seed, number]))

    @staticmethod
    def _rig(random):
        rig = []
        for n, name in enumerate(CAMERAS):
            R, T = motion.look_at_camera(n * np.pi / 2 + random.uniform(0.3, 1.2), random.uniform(4800, 6000),
                                         random.uniform(1300, 1700))
            rig.append({"name": name, "R": R, "T": T, "f": random.uniform(1100, 1190, 2),
                        "c": random.uniform(495, 525, 2), "k": random.uniform(-0.2, 0.2, 3),
                        "p": random.uniform(-0.003, 0.003, 2)})
        return rig

    def clips(self):
        """(subject, action, take) of every clip."""
        return [(subject, action, take) for subject in self.subjects for action in ACTIONS for take in (1, 2)]

    def world(self, subject, action, take):
        """-> (F, 32, 3) mm."""
        return self._world[subject][ACTIONS.index(action), take - 1]

    def joints_32(self, clip, camera):
        """-> (F, 32, 3) mm, camera frame."""
        view = self.rigs[clip[0]][camera]
        return (self.world(*clip) - view["T"]) @ view["R"].T

    def keypoints_32(self, clip, camera, lens=distorted):
        """-> (F, 32, 2) pixels."""
        view, joints = self.rigs[clip[0]][camera], self.joints_32(clip, camera)
        return lens(joints[..., :2] / joints[..., 2:], view["k"], view["p"]) * view["f"] + view["c"]

    def joints(self, clip, camera):
        return self.joints_32(clip, camera)[:, motion.JOINTS_17_OF_32]

    def keypoints(self, clip, camera):
        return self.keypoints_32(clip, camera)[:, motion.JOINTS_17_OF_32]


def fetch_name(action, take):
    return f"{FETCH_NAMES.get(action, action)}-{take}"


def original_name(subject, action, take):
    """Take 1 is 'Waiting 1' and take 2 'Waiting', except where it is the other way round."""
    if subject == "S1":
        action = {"Photo": "TakingPhoto", "WalkDog": "WalkingDog"}.get(action, action)
    numbered = take == 2 if (subject, action) == ("S9", "SittingDown") else take == 1
    return f"{action} 1" if numbered else action


def universal(joints):
    """Stands for the universal skeleton: the person 6 % smaller, the root where it is."""
    return joints[:, :1] + 0.94 * (joints - joints[:, :1])


def write_annot(path, recordings, clip, cameras=range(4), frames=None, dtype=np.float32):
    """One annot.h5 of h36m-fetch. frames: which of the clip's, from 0; the file counts from 1."""
    frames = np.arange(recordings.frames) if frames is None else np.asarray(frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = len(frames) * len(cameras)
    views = {n: recordings.joints_32(clip, n)[frames] for n in cameras}
    with h5py.File(path, "w") as file:
        file["pose/2d"] = np.concatenate([recordings.keypoints_32(clip, n)[frames] for n in cameras]).astype(dtype)
        file["pose/3d"] = np.concatenate(list(views.values())).astype(dtype)
        file["pose/3d-univ"] = np.concatenate([universal(view) for view in views.values()]).astype(dtype)
        file["frame"] = np.tile(frames + 1, len(cameras))
        file["camera"] = np.repeat([int(CAMERAS[n]) for n in cameras], len(frames))
        file["subject"] = np.full(rows, int(clip[0][1:]))
        file["action"] = np.full(rows, FETCH_IDS[FETCH_NAMES.get(clip[1], clip[1])])
        file["subaction"] = np.full(rows, clip[2])
        for n in cameras:
            view = recordings.rigs[clip[0]][n]
            values = np.array([view["f"][0], view["c"][0], view["f"][1], view["c"][1]])
            file[f"intrinsics/{CAMERAS[n]}"] = values
            file[f"intrinsics-univ/{CAMERAS[n]}"] = values


def write_fetch(folder, recordings, **options):
    """processed/S9/Directions-1/annot.h5; S11 Directions-2 without the camera whose video is corrupt."""
    for clip in recordings.clips():
        cameras = [1, 2, 3] if clip == ("S11", "Directions", 2) else range(4)
        write_annot(folder / clip[0] / fetch_name(*clip[1:]) / "annot.h5", recordings, clip, cameras, **options)
    return folder


def write_positions(path, world):
    """(F, 32, 3) as the data set 3D_positions (96, F)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file["3D_positions"] = world.reshape(len(world), 96).T.astype(np.float64)


def write_cameras_h5(path, rigs):
    """R transposed, vectors as columns, the name as character codes."""
    with h5py.File(path, "w") as file:
        for subject, rig in rigs.items():
            for n, view in enumerate(rig):
                group = file.create_group(f"subject{subject[1:]}/camera{n + 1}")
                group["R"] = view["R"].T
                for name in "Tfckp":
                    group[name] = view[name][:, None]
                group["Name"] = np.array([[ord(letter)] for letter in view["name"]], dtype=np.uint16)
    return path


def write_metadata_xml(path, rigs):
    """Human3.6M's own: 300 numbers, Euler angles and position per subject and camera, then a lens per camera.
    The lens is one for all subjects, that of the first rig."""
    numbers = np.zeros(300)
    for subject, rig in rigs.items():
        for n, view in enumerate(rig):
            start = 6 * (11 * n + int(subject[1:]) - 1)
            numbers[start:start + 3] = Rotation.from_matrix(view["R"]).as_euler("XYZ")
            numbers[start + 3:start + 6] = view["T"]
    for n, view in enumerate(next(iter(rigs.values()))):
        numbers[264 + 9 * n:273 + 9 * n] = np.concatenate([view[name] for name in "fckp"])
    text = " ".join(repr(float(number)) for number in numbers)
    path.write_text('<?xml version="1.0" encoding="utf-8"?>\n<metadata>\n  <!-- <w0>[1 2 3]</w0> -->\n'
                    f"  <actionnames><a>ALL</a></actionnames>\n  <w0>[{text}]</w0>\n</metadata>\n")
    return path


def write_martinez(folder, recordings, cameras=True):
    """h36m/S9/MyPoses/3D_positions/Directions 1.h5 and cameras.h5; '_ALL.h5' is there as well."""
    for clip in recordings.clips():
        positions = folder / clip[0] / "MyPoses" / "3D_positions"
        write_positions(positions / f"{original_name(*clip)}.h5", recordings.world(*clip))
        (positions / "_ALL.h5").write_bytes(b"not a clip")
    if cameras:
        write_cameras_h5(folder / "cameras.h5", recordings.rigs)
    return folder


def videopose3d_positions(recordings):
    """positions_3d: metres, float32, world; S11 Directions is left out as VideoPose3D does."""
    positions = {subject: {} for subject in recordings.subjects}
    for clip in recordings.clips():
        if clip != ("S11", "Directions", 2):
            positions[clip[0]][videopose3d_name(*clip)] = (recordings.world(*clip) / 1000).astype(np.float32)
    return positions


def videopose3d_name(subject, action, take):
    return original_name(subject, action, take).replace("TakingPhoto", "Photo").replace("WalkingDog", "WalkDog")


def videopose3d_keypoints(recordings, lens=distorted, longer=0, score=False):
    """positions_2d: four arrays a clip, `longer` frames more than recorded, perhaps with a score."""
    keypoints = {subject: {} for subject in recordings.subjects}
    for clip in recordings.clips():
        if clip == ("S11", "Directions", 2):
            continue
        views = []
        for n in range(4):
            view = recordings.keypoints_32(clip, n, lens)[:, motion.JOINTS_17_OF_32]
            view = np.concatenate([view, np.repeat(view[-1:], longer, axis=0)])
            if score:
                view = np.concatenate([view, np.full((*view.shape[:2], 1), 0.25 + 0.125 * n)], axis=2)
            views.append(view.astype(np.float32))
        keypoints[clip[0]][videopose3d_name(*clip)] = views
    return keypoints


def write_videopose3d(folder, recordings, positions=None, keypoints=None, metadata=None):
    """data_3d_h36m.npz and data_2d_h36m_gt.npz, pickled as NumPy does it."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "data_3d_h36m.npz",
                        positions_3d=videopose3d_positions(recordings) if positions is None else positions)
    metadata = {"layout_name": "h36m", "num_joints": 17, "keypoints_symmetry": SYMMETRY} | (metadata or {})
    np.savez_compressed(folder / "data_2d_h36m_gt.npz", metadata=metadata,
                        positions_2d=videopose3d_keypoints(recordings) if keypoints is None else keypoints)
    return folder


def write_checkout(folder, recordings):
    """VideoPose3D's common/h36m_dataset.py: cameras as Python literals (a quaternion w, x, y, z from the camera to
    the world, mm), in code that must not be run."""
    lenses = [{"id": view["name"], "center": view["c"].tolist(), "focal_length": view["f"].tolist(),
               "radial_distortion": view["k"].tolist(), "tangential_distortion": view["p"].tolist(), "res_w": 1000,
               "res_h": 1002, "azimuth": 70} for view in next(iter(recordings.rigs.values()))]
    places = {"S2": [{}, {}, {}, {}]}
    for subject, rig in recordings.rigs.items():
        places[subject] = []
        for view in rig:
            x, y, z, w = Rotation.from_matrix(view["R"].T).as_quat()
            places[subject].append({"orientation": [w, x, y, z], "translation": view["T"].tolist()})
    path = pathlib.Path(folder) / "common" / "h36m_dataset.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("import copy\nfrom common.skeleton import Skeleton\nraise SystemExit('this code was run')\n"
                    f"h36m_cameras_intrinsic_params = {lenses!r}\nh36m_cameras_extrinsic_params = {places!r}\n")
    return folder
