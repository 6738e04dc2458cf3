"""NumPy arrays and PyTorch tensors in and out, without a copy where their memory can be shared."""

from __future__ import annotations

from typing import Any, Union

import numpy as np
import torch

Array = Union[np.ndarray, torch.Tensor]


def to_numpy(values: Any) -> np.ndarray:
    """A view where the values lie on the CPU in float32 or float64, else a copy."""
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        if values.dtype in (torch.float16, torch.bfloat16):
            values = values.float()
        values = values.numpy()
    array = np.asarray(values)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def like(array: np.ndarray, given: Any) -> Array:
    """The array as what was given: a tensor on the same device, which on the CPU shares its memory, or itself."""
    return torch.from_numpy(array).to(given.device) if isinstance(given, torch.Tensor) else array
