"""Reads the files of tensors that links writes (docs/checkpoint.md). They hold no code."""

import json
import math
import pathlib
import struct

import torch

TYPES = {"F64": torch.float64, "F32": torch.float32, "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8}


def read_tensor_file(path):
    """-> (texts, tensors) by their names; ValueError, KeyError or struct.error where the file is no such one."""
    data = bytearray(pathlib.Path(path).read_bytes())
    start = 8 + struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8:start])
    texts, tensors = header.pop("__metadata__"), {}
    for name, entry in header.items():
        tensors[name] = torch.frombuffer(data, dtype=TYPES[entry["dtype"]], count=math.prod(entry["shape"]),
                                         offset=start + entry["data_offsets"][0]).reshape(entry["shape"])
    return texts, tensors
