"""Every metric of predicted poses against the truth."""

from __future__ import annotations

from . import _links
from ._arrays import Array, to_numpy

METRICS = ("mpjpe", "n_mpjpe", "n_mpjpe_lsq", "pa_mpjpe", "pa_mpjpe_reflection", "n_pck", "n_auc", "n_auc_150", "n_pck_14",
           "n_auc_14", "pck_14", "auc_14")


def evaluate(predicted: Array, truth: Array) -> dict[str, float]:
    """Means over poses of every metric in METRICS, with `poses`, how many they are of, and `rejected`, the degenerate
    or non-finite poses that are left out.

    predicted, truth: (N, 17, 3), mm, any translation, in the order of JOINT_NAMES. Errors are in mm, PCK and AUC in
    percent; what has nothing to average is NaN. docs/evaluation.md tells the variants apart. Raises UsageError where the
    shapes are none of these.
    """
    return _links.evaluate(to_numpy(predicted), to_numpy(truth))
