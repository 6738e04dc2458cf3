"""Poses from keypoints."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Optional, Union

import numpy as np

from . import _links
from ._arrays import Array, like, to_numpy

LIFTED, RAY, GUESSED, NO_POSE = 0, 1, 2, -1
"""States of a joint: seen, and lifted by a segment's network; seen, completed along its ray; not seen; no pose."""

_LAYOUTS = {"coco17": "coco17-simple"}


@dataclasses.dataclass
class Lifted:
    """Poses in 3D, of the shape (...) of the poses given: () for one, (N) for several, (frames, people) for video.

    Arrays are NumPy's, or tensors where tensors were given; where there is no pose they are NaN.
    """

    joints: Array  #: (..., 17, 3) units of the body (head to root is about 1), from the root; x right, y down, z forward
    states: Array  #: (..., 17) int8: LIFTED, RAY, GUESSED, or NO_POSE
    keypoints: Array  #: (..., 17, 2) pixels, the keypoints as the 17 joints; NaN where not seen
    confidence: Array  #: (..., 17) the detector's; 0 where not seen
    root_px: Array  #: (..., 2) where the root is in the image, seen or estimated
    scale_px: Array  #: (...) head top-root distance, pixels
    mm_per_unit: Array  #: (...) mm of a unit of `joints`; NaN without the people's height
    plausibility: Array  #: (...) log-likelihood of the flow by dimension; NaN where the model has no flow
    reasons: Mapping[tuple[int, ...], str]  #: why there is no pose, by its index
    tracks: Optional[list[str]] = None  #: of the people of a frame, from a Stream
    notes: Sequence[str] = ()  #: what was done with whole tracks

    @property
    def joints_mm(self) -> Array:
        """(..., 17, 3) mm; NaN without the people's height."""
        return self.joints * self.mm_per_unit[..., None, None]


def _arrays(keypoints: Array, confidence: Optional[Array], axes: int) -> tuple[_links.KeypointArrays, int]:
    """The arrays as (frames, people, K, 2 or 3), and how many leading axes were given."""
    array = to_numpy(keypoints)
    if not 2 <= array.ndim <= axes:
        raise _links.UsageError(f"expected keypoints of 2 to {axes} axes, the last two (K, 2) or (K, 3), found the shape "
                                f"{array.shape}")
    leading = array.ndim - 2
    sure = None if confidence is None else to_numpy(confidence)
    if sure is not None and sure.shape != array.shape[:-1]:
        raise _links.UsageError(f"expected a confidence {array.shape[:-1]} for each keypoint, found the shape {sure.shape}")
    for axis in ((1, 0), (1,), ())[leading]:  # a pose alone is a frame with one person
        array = np.expand_dims(array, 0 if axis == 0 else leading)
        sure = None if sure is None else np.expand_dims(sure, 0 if axis == 0 else leading)
    return _links.KeypointArrays(array, sure), leading


def _lifted(arrays: dict, leading: int, given: Array) -> Lifted:
    reasons = arrays.pop("reasons")
    more = {name: arrays.pop(name) for name in ("tracks", "notes") if name in arrays}
    drop = (0, 0) if leading == 0 else (slice(None), 0) if leading == 1 else ()
    fields = {name: like(array[drop] if array.ndim > 2 or drop != (0, 0) else np.asarray(array[drop]), given)
              for name, array in arrays.items()}
    return Lifted(**fields, **more, reasons={index[:leading]: reason for index, reason in reasons.items()})


class Lifter:
    """A trained run, loaded to lift with.

    model: the directory of a run with the stage completion; None is the model that comes with links. device: "cpu",
    "cuda", "cuda:N" or "auto". height_mm: of the people, for `mm_per_unit`. scale: "person", pixels from head to root by
    each person's bones, or "training", the training set's. min_confidence: keypoints below it count as not seen.
    """

    def __init__(self, model: Union[None, str, os.PathLike[str]] = None, *, device: str = "cpu",
                 height_mm: Optional[float] = None, scale: str = "person", min_confidence: float = 0.0) -> None:
        if scale not in ("person", "training"):
            raise _links.UsageError(f"expected the scale 'person' or 'training', found '{scale}'")
        self._model = _links.Model("" if model is None else os.fspath(model), device)
        self._options = (scale == "training", float(height_mm or 0))
        self._estimator = _links.Estimator(self._model, *self._options)
        self._min_confidence = float(min_confidence)

    @property
    def model(self) -> str:
        """The run's directory."""
        return self._model.path

    def _reading(self, layout: str, image_size: Optional[tuple[float, float]], link: bool) -> _links.Reading:
        width, height = image_size or (0, 0)
        return _links.Reading(_LAYOUTS.get(layout, layout), self._min_confidence, float(width), float(height), link)

    def lift(self, keypoints: Array, confidence: Optional[Array] = None, layout: str = "coco17",
             image_size: Optional[tuple[float, float]] = None, *, tracks: Optional[Sequence[str]] = None,
             frames: Optional[Sequence[int]] = None, fps: Optional[float] = None, smooth_hz: Optional[float] = None,
             rigid: bool = False) -> Lifted:
        """Lifts poses to 3D, whatever joints are missing.

        keypoints: pixels, x right, y down; (K, 2) one pose, (N, K, 2) poses by themselves, (frames, people, K, 2) video,
        where the people of one place are one track: what is known of the whole track makes its poses steady. A last
        axis of 3 has the confidence. NaN, (0, 0) or a confidence of 0 is a keypoint that was not seen.
        confidence: (K), (N, K) or (frames, people, K); without it every keypoint counts.
        layout: of the K keypoints: "coco17", a map of configs/keypoints ("h36m17", "body25", ...), a YAML file of that
        kind, or "auto", by how the people look. Only configs' maps marked automatic take the model's joints for Head,
        Thorax and Spine. image_size: (width, height), for coordinates that are shares of the image.

        Of video: tracks, names of the people, frames, rising numbers, fps, and smooth_hz, the cutoff of a low-pass for
        keypoints and depths (needs fps); rigid keeps a track's bones at one length.

        Raises UsageError where shapes, layout or options are none of these.
        """
        arrays, leading = _arrays(keypoints, confidence, 4)
        reading = self._reading(layout, image_size, False)
        if leading < 2:
            if tracks is not None or frames is not None or fps or smooth_hz or rigid:
                raise _links.UsageError("expected keypoints (frames, people, K, 2) with tracks, frames, fps, smooth_hz and "
                                        "rigid, found poses by themselves")
            return _lifted(self._estimator.lift_alone(arrays, reading), leading, keypoints)
        people, count = np.shape(keypoints)[1], np.shape(keypoints)[0]
        names = [str(person) for person in (range(people) if tracks is None else tracks)]
        numbers = [] if frames is None else [int(frame) for frame in frames]
        if len(names) != people or len(set(names)) != people:
            raise _links.UsageError(f"expected {people} different names of tracks, found {names}")
        if frames is not None and (len(numbers) != count or any(b <= a for a, b in zip(numbers, numbers[1:])) or
                                   numbers[:1] < [0]):
            raise _links.UsageError(f"expected {count} numbers of frames that rise from 0 or above, found others")
        return _lifted(self._estimator.lift_tracks(arrays, names, numbers, reading, float(fps or 0), float(smooth_hz or 0),
                                                   rigid), leading, keypoints)

    def stream(self, *, layout: str = "coco17", image_size: Optional[tuple[float, float]] = None,
               fps: Optional[float] = None, smooth_hz: Optional[float] = None) -> "Stream":
        """Frames of live video: see Stream."""
        return Stream(self, layout=layout, image_size=image_size, fps=fps, smooth_hz=smooth_hz)


class Stream:
    """Live video, frame by frame: remembers of every track its scale and, with smooth_hz, its motion.

    lifter, layout, image_size: as Lifter.lift. fps and smooth_hz: the cutoff in Hz, of a joint at rest, of the filters
    that take the jitter out; None = none. People without a track are linked from frame to frame.
    """

    def __init__(self, lifter: Lifter, *, layout: str = "coco17", image_size: Optional[tuple[float, float]] = None,
                 fps: Optional[float] = None, smooth_hz: Optional[float] = None) -> None:
        self._stream = _links.Stream(lifter._model, *lifter._options, lifter._reading(layout, image_size, True),
                                     float(fps or 0), float(smooth_hz or 0))
        self._next = 0

    def push(self, keypoints: Array, confidence: Optional[Array] = None, *, tracks: Optional[Sequence[str]] = None,
             frame: Optional[int] = None) -> Lifted:
        """Lifts the people of the next frame: keypoints (people, K, 2) or (people, K, 3), pixels -> poses (people).

        tracks: names of the people. frame: its number, above that of the frame before; without it the next one.
        """
        number = self._next if frame is None else int(frame)
        if number < self._next:
            raise _links.UsageError(f"expected a frame number of at least {self._next}, found {number}")
        array = to_numpy(keypoints)
        if array.ndim != 3:
            raise _links.UsageError(f"expected the keypoints of a frame (people, K, 2) or (people, K, 3), found the shape "
                                    f"{array.shape}")
        names = [] if tracks is None else [str(track) for track in tracks]
        if tracks is not None and len(names) != len(array):
            raise _links.UsageError(f"expected a track for each of the {len(array)} people, found {len(names)}")
        sure = None if confidence is None else to_numpy(confidence)[None]
        arrays = self._stream.push(_links.KeypointArrays(array[None], sure), names, number)
        self._next = number + 1
        reasons = arrays.pop("reasons")
        names = arrays.pop("tracks")
        return Lifted(**{name: like(values[0], keypoints) for name, values in arrays.items()}, tracks=names,
                      reasons={index[1:]: reason for index, reason in reasons.items()})
