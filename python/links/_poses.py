"""Pose files (docs/data.md), checked as the program checks them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Optional, Union

import numpy as np

from . import _links
from ._arrays import Array, to_numpy

Path = Union[str, "os.PathLike[str]"]


@dataclasses.dataclass
class Poses:
    """What a pose file holds of N poses; what is None is not there."""

    keypoints_2d: Array  #: (N, 17, 2) pixels, x right, y down; NaN where not seen
    joints_3d: Optional[Array] = None  #: (N, 17, 3) mm, camera frame: x right, y down, z forward
    confidence: Optional[Array] = None  #: (N, 17)
    subject: Optional[Sequence[str]] = None  #: (N)
    action: Optional[Sequence[str]] = None  #: (N)
    camera: Optional[Sequence[str]] = None  #: (N)
    frame: Optional[Sequence[int]] = None  #: (N)
    source: str = ""  #: where the poses come from
    licence: str = ""
    joints: str = ""  #: "mocap", "detector", or "" where not said
    cameras: str = ""  #: what virtual cameras they were seen by

    def __len__(self) -> int:
        return len(self.keypoints_2d)


def read_poses(path: Path, *, subjects: Sequence[str] = (), actions: Sequence[str] = (), cameras: Sequence[str] = (),
               stride: int = 1, predictions: bool = False) -> Poses:
    """Reads a pose file, those of its poses that the lists name (empty: all), every stride-th of them.

    predictions: its joints_3d are no ground truth; they may lie anywhere and need not be finite. Raises Error, which
    names the file and the row, for one that is damaged or no pose file, UsageError for a name that it does not have.
    """
    return Poses(**_links.read_poses(os.fspath(path), list(subjects), list(actions), list(cameras), stride, predictions))


def write_poses(path: Path, poses: Poses, *, predictions: bool = False) -> None:
    """Writes a pose file; a crash leaves an earlier one as it was. Raises Error for poses that it would not read."""
    fields = {field.name: getattr(poses, field.name) for field in dataclasses.fields(poses)}
    for name in ("keypoints_2d", "joints_3d", "confidence"):
        if fields[name] is not None:
            fields[name] = np.asarray(to_numpy(fields[name]), np.float32)
    for name in ("subject", "action", "camera"):
        if fields[name] is not None:
            fields[name] = [str(item) for item in fields[name]]
    if fields["frame"] is not None:
        fields["frame"] = [int(item) for item in fields["frame"]]
    _links.write_poses(os.fspath(path), fields, predictions)
