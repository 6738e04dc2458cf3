"""The 2D poses of a pose file as four detectors write them, COCO, MMPose, AlphaPose and VideoPose3D, each from cameras
of a resolution of its own, with gaps, frames that are repeated and joints that are not seen:
detectors.py POSES.h5 FOLDER [--width PX]"""

import argparse
import json
import pathlib

import h5py
import numpy as np

NAMES = ["root", "right_hip", "right_knee", "right_foot", "left_hip", "left_knee", "left_foot", "spine", "thorax",
         "neck_base", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow",
         "right_wrist"]
GAP_EVERY = 200  # frames


def clips_of(path):
    """[(name, keypoints (F, 17, 2))] of neighbouring rows of one subject, action and camera."""
    with h5py.File(path) as file:
        keypoints = file["keypoints_2d"][:]
        parts = [file[name][:] for name in ("subject", "action", "camera") if name in file]
    names = [b"_".join(row).decode().replace("/", "_") for row in zip(*parts)]
    starts = [0] + [i for i in range(1, len(names)) if names[i] != names[i - 1]] + [len(names)]
    return [(f"{number}_{names[a]}", keypoints[a:b]) for number, (a, b) in enumerate(zip(starts, starts[1:]))]


def spoilt(keypoints, factor, draw):
    """A clip in pixels of another resolution -> (frames, points (F, 17, 3) with confidence 0 where not seen, the rows
    of the clip that they show)."""
    kept = np.ones(len(keypoints), bool)
    for start in range(0, len(keypoints), GAP_EVERY):
        gap = start + draw.integers(0, GAP_EVERY - 20)
        kept[gap:gap + draw.integers(5, 20)] = False
    times = np.where(draw.random(kept.sum()) < 0.1, 2, 1)  # as in a video whose rate was raised
    rows = np.repeat(np.flatnonzero(kept), times)
    frames = np.arange(len(rows)) + np.searchsorted(np.flatnonzero(~kept), rows)
    confidence = np.where(draw.random((len(rows), 17)) < 0.002, 0.0, 0.9)
    return frames, np.round(np.concatenate([keypoints[rows] * factor, confidence[..., None]], -1), 3), rows


def write_coco(path, clips, width):
    """clips: [(name, frames, points)], here and below."""
    images, annotations = [], []
    for track, (name, frames, points) in enumerate(clips):
        for frame, person in zip(frames, points):
            images.append({"id": len(images), "file_name": f"{name}/{frame:06d}.jpg", "width": width, "height": width})
            flags = person.copy()
            flags[:, 2] = np.where(person[:, 2] > 0, 2, 0)
            annotations.append({"id": len(annotations), "image_id": len(images) - 1, "category_id": 1,
                                "track_id": track, "keypoints": flags.ravel().tolist()})
    category = {"id": 1, "name": "person", "keypoints": NAMES}
    path.write_text(json.dumps({"images": images, "categories": [category], "annotations": annotations}))


def write_mmpose(path, clips, width):
    frames_out = []
    for track, (_, frames, points) in enumerate(clips):
        for frame, person in zip(frames, points):
            frames_out.append({"frame_id": int(frame) + 100000 * track, "instances": [
                {"keypoints": person[:, :2].tolist(), "keypoint_scores": person[:, 2].tolist(), "track_id": track}]})
    names = {str(i): name for i, name in enumerate(NAMES)}
    path.write_text(json.dumps({"meta_info": {"keypoint_id2name": names}, "instance_info": frames_out}))


def write_alphapose(path, clips, width):
    people = [{"image_id": f"{name}_{frame:06d}.jpg", "category_id": 1, "keypoints": person.ravel().tolist(),
               "score": 2.5, "idx": track}
              for track, (name, frames, points) in enumerate(clips) for frame, person in zip(frames, points)]
    path.write_text(json.dumps(people))


def write_videopose3d(path, clips, width):
    positions, videos = {}, {}
    for name, _, points in clips:
        seen = np.where(points[..., 2:] > 0, points[..., :2], np.nan)
        positions[name] = {"custom": [seen.astype(np.float32)]}
        videos[name] = {"w": width, "h": width}
    metadata = {"layout_name": "h36m", "num_joints": 17, "video_metadata": videos}
    np.savez_compressed(path, positions_2d=np.array(positions, dtype=object), metadata=np.array(metadata, dtype=object))


# The file's name, its writer, and the width of its images, px.
DETECTORS = [("coco.json", write_coco, 640), ("mmpose.json", write_mmpose, 1280),
             ("alphapose-results.json", write_alphapose, 1920), ("data_2d_custom.npz", write_videopose3d, 4000)]


def write_all(poses, folder, width=1000):
    """Deals the clips out to the detectors -> for each its file's path and [(points, rows shown)] of its clips."""
    clips, draw, written = clips_of(poses), np.random.default_rng(1), []
    for number, (name, write, own_width) in enumerate(DETECTORS):
        own = [(clip, *spoilt(keypoints, own_width / width, draw)) for clip, keypoints in clips[number::len(DETECTORS)]]
        write(folder / name, [clip[:3] for clip in own], own_width)
        written.append((folder / name, [clip[2:] for clip in own]))
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("poses", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--width", type=int, default=1000, help="of the images of the pose file, px")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write_all(arguments.poses, arguments.folder, arguments.width)
