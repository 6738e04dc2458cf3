"""LInKs: 2D-to-3D human pose lifting from independent body segments.

    import links
    poses = links.Lifter("runs/mine").lift(keypoints)      # (N, 17, 3): x, y in pixels and a confidence
    poses.joints                                           # (N, 17, 3), units of the body

The 17 joints are Human3.6M's (`links.JOINT_NAMES`); joints are root-centred, x right, y down, z forward. Errors are
`links.Error`, of a wrong call `links.UsageError`, which is a ValueError too: one sentence each.
"""

import pathlib as _pathlib

import torch as _torch  # loads the LibTorch that the module takes its symbols from

try:
    from . import _links
except ImportError as _error:
    raise ImportError(f"links was built for another PyTorch than {_torch.__version__}, or a library of the system is "
                      f"missing: {_error}") from _error

if _torch.__version__.split("+")[0] != _links.libtorch_version:
    raise ImportError(f"expected PyTorch {_links.libtorch_version}, which links was built with, found {_torch.__version__}")

_share = _pathlib.Path(__file__).parent / "share" / "links"
if _share.is_dir():
    _links.set_share(str(_share))

from ._evaluate import METRICS, evaluate
from ._lifter import GUESSED, LIFTED, NO_POSE, RAY, Lifted, Lifter, Stream
from ._poses import Poses, read_poses, write_poses

Error = _links.Error
UsageError = _links.UsageError
JOINT_NAMES: tuple[str, ...] = _links.joint_names
BONES: tuple[tuple[int, int], ...] = _links.bones
__version__: str = _links.version

__all__ = ["BONES", "Error", "GUESSED", "JOINT_NAMES", "LIFTED", "Lifted", "Lifter", "METRICS", "NO_POSE", "Poses", "RAY",
           "Stream", "UsageError", "evaluate", "read_poses", "write_poses"]
