#!/usr/bin/env python3
"""Writes the seeds of the fuzz harnesses that are not text: python3 tests/fuzz/make_corpus.py (needs h5py and SciPy)."""

import io
import json
import pathlib
import pickle
import struct
import zlib

import h5py
import numpy as np
import scipy.io

CORPUS = pathlib.Path(__file__).with_name("corpus")


def put(harness, name, data):
    path = CORPUS / harness / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def hdf5(fill, libver="latest", **options):
    """The bytes of an HDF5 file. The latest layout is the smallest; in the earliest no table has a checksum."""
    memory = io.BytesIO()
    with h5py.File(memory, "w", libver=libver, **options) as file:
        fill(file)
    return memory.getvalue()


def poses(file, n=2, more=False, **storage):
    rng = np.random.default_rng(1)
    file.attrs.update({"format": np.bytes_("links-pose"), "version": 1, "skeleton": np.bytes_("h36m17")})
    file.create_dataset("keypoints_2d", data=rng.uniform(0, 1000, (n, 17, 2)).astype("f4"), **storage)
    if more:
        file.attrs["source"] = "made up"
        file.create_dataset("joints_3d", data=rng.uniform(1000, 5000, (n, 17, 3)).astype("f4"), **storage)
        file.create_dataset("confidence", data=np.ones((n, 17), "f4"), **storage)
        file["subject"] = np.array([b"S1", b"S9"])
        file.create_dataset("action", data=["walk", "sit"], dtype=h5py.string_dtype())
        file["frame"] = np.arange(n)


def cameras(file):
    for camera in range(1, 3):
        group = file.create_group(f"subject9/camera{camera}")
        for name, values in {"R": np.eye(3), "T": [[0], [0], [5000]], "f": [[1145], [1143]], "c": [[512], [515]],
                             "k": [[-.2], [.2], [0]], "p": [[0], [0]], "Name": [[53], [52]]}.items():
            group[name] = np.array(values, "f8" if name != "Name" else "u2")


def matlab_73(file):
    """MATLAB's shapes are the other way round in HDF5."""
    def put_array(name, values, kind, **storage):
        file.create_dataset(name, data=values, **storage).attrs["MATLAB_class"] = np.bytes_(kind)

    put_array("univ_annot3", np.ones((3, 1, 17, 2)), "double", chunks=True, compression=1)
    put_array("valid_frame", np.array([3, 0]), "double")
    file["valid_frame"].attrs["MATLAB_empty"] = np.uint8(1)
    cells = file.create_dataset("annot2", (1, 2), dtype=h5py.ref_dtype)
    cells.attrs["MATLAB_class"] = np.bytes_("cell")
    for i in range(2):
        put_array(f"#refs#/{i}", np.ones((2, 4)), "double")
        cells[0, i] = file[f"#refs#/{i}"].ref


def tensor_file(header, tensors=b""):
    """A whole one, and what the harness makes one of."""
    rest = header.encode()
    start = b'{"__metadata__":{"header_crc32":"%08x' % zlib.crc32(rest)
    return struct.pack("<Q", len(start + rest)) + start + rest + tensors


def main():
    put("poses", "plain.h5", hdf5(poses))
    put("poses", "all.h5", hdf5(lambda file: poses(file, more=True)))
    everything = {"more": True, "chunks": True, "compression": 1, "fletcher32": True}
    put("poses", "chunked.h5", hdf5(lambda file: poses(file, **everything)))
    put("poses", "earliest.h5", hdf5(lambda file: poses(file, **everything), libver="earliest"))
    put("cameras", "cameras.h5", hdf5(cameras))
    put("cameras", "earliest.h5", hdf5(cameras, libver="earliest"))
    put("detections", "pose_file.h5", bytes(3) + hdf5(poses))
    header = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    put("mat", "version_73.mat", header.ljust(512, b"\0") + hdf5(matlab_73, libver="earliest", userblock_size=512)[512:])
    cells = np.empty((2, 1), object)
    cells[0, 0] = cells[1, 0] = np.arange(8.).reshape(2, 4)
    arrays = {"annot2": cells, "univ_annot3": np.ones((2, 17, 1, 1), "f4"), "valid_frame": np.ones((1, 3), "u1")}
    for name, compressed in [("version_5.mat", False), ("compressed.mat", True)]:
        memory = io.BytesIO()
        scipy.io.savemat(memory, arrays, do_compression=compressed)
        put("mat", name, memory.getvalue())
    clip = np.random.default_rng(4).uniform(100, 900, (2, 17, 2)).astype("f4")
    keypoints = {"positions_2d": {"clip": {"custom": [clip]}},
                 "metadata": {"layout_name": "coco", "num_joints": 17, "keypoints_symmetry": [[1, 3], [2, 4]],
                              "video_metadata": {"clip": {"w": 1000, "h": 1000}}}}
    memory = io.BytesIO()
    np.savez_compressed(memory, **keypoints)
    put("detections", "videopose3d.npz", bytes(3) + memory.getvalue())
    for protocol in (2, 4):
        put("pickle", f"protocol_{protocol}", pickle.dumps(np.array(keypoints["positions_2d"], object), protocol))
        put("pickle", f"plain_{protocol}", pickle.dumps(keypoints["metadata"], protocol))
    for name, map_index, count in [("coco", 0, 17), ("halpe", 2, 26), ("body", 3, 25)]:
        numbers = np.random.default_rng(2).uniform(0, 1000, 3 * count).astype("<f4")
        put("keypoints", name, bytes([map_index, 0]) + numbers.tobytes())
    tensors = np.arange(6, dtype="<f4").tobytes()
    rest = json.dumps({"stage": "full_flow", "crc32:a": "%08x" % zlib.crc32(tensors)}, separators=(",", ":"))[1:]
    rest = '",' + rest + ',"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}'
    put("tensors", "signed", b"\x00" + rest.encode() + b"\0" + tensors)
    put("tensors", "whole.safetensors", b"\x01" + tensor_file(rest, tensors))


if __name__ == "__main__":
    main()
