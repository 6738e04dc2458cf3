#!/usr/bin/env python3
"""Turns VideoPose3D's Human3.6M archives (pickled NumPy) into one HDF5 file for `links data import h36m-videopose3d`.

  python3 scripts/videopose3d_to_hdf5.py --positions data_3d_h36m.npz --keypoints data_2d_h36m_gt.npz \\
      --cameras path/to/VideoPose3D --output vp3d.h5

A pickle can run any code when it is loaded: here only dictionaries, lists, numbers, texts and arrays are.
"""

import argparse
import ast
import io
import os
import pathlib
import pickle
import re
import sys
import zipfile
import zlib

import h5py
import numpy as np


class Failure(Exception):
    """What the user can mend, in one sentence."""


class PlainType:
    """Stands for numpy.dtype in a pickle: numbers and objects only, nothing of NumPy's own unpickling."""

    def __init__(self, code, *_):
        code = code.decode("latin1") if isinstance(code, bytes) else code
        if not re.fullmatch(r"[fiu][1248]|b1|O8?", str(code)):
            raise pickle.UnpicklingError(f"arrays of the type {str(code)[:40]!r}")
        self.dtype = np.dtype(code)

    def __setstate__(self, state):
        if state[1] in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(state[1])


class PlainArray:
    """Stands for numpy.ndarray: an array from shape, type and bytes."""

    def __setstate__(self, state):
        _, shape, kind, fortran, data = state
        if not isinstance(kind, PlainType):
            raise pickle.UnpicklingError("an array without a type")
        order = "F" if fortran else "C"
        if kind.dtype.hasobject:
            self.array = np.empty(len(data), dtype=object)
            self.array[:] = data
        else:
            data = data.encode("latin1") if isinstance(data, str) else data
            self.array = np.frombuffer(data, dtype=kind.dtype)
        self.array = self.array.reshape(shape, order=order)


def _scalar(kind, data=b""):
    if not isinstance(kind, PlainType) or kind.dtype.hasobject:
        raise pickle.UnpicklingError("a number without a type")
    return np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype=kind.dtype)[0].item()


def _encode(text, encoding):
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"the encoding {encoding!r}")
    return text.encode("latin1")


class PlainUnpickler(pickle.Unpickler):
    ALLOWED = {("numpy", "ndarray"): PlainArray, ("numpy", "dtype"): PlainType, ("_codecs", "encode"): _encode}
    for _module in ("numpy.core.multiarray", "numpy._core.multiarray"):
        ALLOWED[_module, "_reconstruct"] = lambda *_: PlainArray()
        ALLOWED[_module, "scalar"] = _scalar

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"a reference to {module}.{name}")
        return self.ALLOWED[module, name]


def plain(value):
    """The unpickled value with arrays in place of what stood for them, empty and single object arrays opened."""
    if isinstance(value, PlainArray):
        value = value.array
        return plain(value.item() if value.shape == () else value.tolist()) if value.dtype.hasobject else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def read_pickled(path, name):
    """The object `name` of an .npz archive."""
    where = f"{path}: {name}"
    try:
        with zipfile.ZipFile(path) as archive:
            member = io.BytesIO(archive.read(f"{name}.npy"))  # as a whole: only then its checksum is looked at
        version = np.lib.format.read_magic(member)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) \
            else np.lib.format.read_array_header_2_0
        _, _, dtype = read_header(member)
        if not dtype.hasobject:
            raise Failure(f"{where}: expected a pickled dictionary, found an array of {dtype}")
        return plain(PlainUnpickler(member, encoding="latin1").load())
    except OSError as error:
        raise Failure(f"{path}: expected a NumPy archive (.npz), found none that can be read ({error})") from error
    except zipfile.BadZipFile as error:
        raise Failure(f"{path}: expected a NumPy archive (.npz), found a file that is none or is damaged") from error
    except KeyError as error:
        raise Failure(f"{path}: expected the array {name} in the archive, found none") from error
    except pickle.UnpicklingError as error:
        raise Failure(f"{where}: expected dictionaries, lists and plain arrays only, found {error}") from error
    except (EOFError, ValueError, TypeError, AttributeError, IndexError, zlib.error, RecursionError,
            MemoryError, OverflowError, NotImplementedError, RuntimeError) as error:
        raise Failure(f"{where}: expected a whole pickled dictionary, found damaged data ({error})") from error


def subjects_of(value, where):
    """value[subject][action] checked as far as the names go. -> (subject, action, item)"""
    if not isinstance(value, dict) or not all(isinstance(actions, dict) for actions in value.values()):
        raise Failure(f"{where}: expected a dictionary of subjects with a dictionary of actions each, found another")
    for subject, actions in value.items():
        for action, item in actions.items():
            for name in (subject, action):
                if not isinstance(name, str) or not re.fullmatch(r"[\w ,.-]{1,64}", name) or name.strip(".") == "":
                    raise Failure(f"{where}: expected names of subjects and actions, found {str(name)[:60]!r}")
            yield subject, action, item


def numbers(value, where):
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu" or value.ndim == 0:
        raise Failure(f"{where}: expected an array of numbers, found {type(value).__name__}")
    return value


def convert_positions(path, file):
    value = read_pickled(path, "positions_3d")
    for subject, action, item in subjects_of(value, f"{path}: positions_3d"):
        where = f"{path}: positions_3d of {subject} {action}"
        file[f"positions_3d/{subject}/{action}"] = numbers(item, where)


def convert_keypoints(path, file):
    metadata, value = read_pickled(path, "metadata"), read_pickled(path, "positions_2d")
    try:
        file["keypoints/num_joints"] = int(metadata["num_joints"])
        file["keypoints/keypoints_symmetry"] = np.array(metadata["keypoints_symmetry"], dtype=np.int64)
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(f"{path}: expected num_joints and keypoints_symmetry in metadata, found others") from error
    for subject, action, views in subjects_of(value, f"{path}: positions_2d"):
        where = f"{path}: positions_2d of {subject} {action}"
        if not isinstance(views, list) and not (isinstance(views, np.ndarray) and views.ndim == 4):
            raise Failure(f"{where}: expected a list with an array for every camera, found {type(views).__name__}")
        for camera, view in enumerate(views):
            file[f"positions_2d/{subject}/{action}/{camera}"] = numbers(view, where)


def rotation(w, x, y, z):
    """Of a quaternion."""
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


def literals(path):
    """The values of the two tables of cameras in VideoPose3D's source, which is read but not run."""
    found = {}
    try:
        tree = ast.parse(path.read_text())
    except (OSError, SyntaxError, ValueError) as error:
        raise Failure(f"{path}: expected VideoPose3D's table of cameras, found no Python that can be read") from error
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                pass
    try:
        return found["h36m_cameras_intrinsic_params"], found["h36m_cameras_extrinsic_params"]
    except KeyError as error:
        raise Failure(f"{path}: expected the table {error.args[0]}, found none") from error


def checkout_cameras(path):
    """Cameras of a VideoPose3D checkout as cameras.h5 has them. -> (subject, camera from 1, data sets)"""
    lenses, places = literals(path)
    try:
        for subject, views in places.items():
            for n, (lens, view) in enumerate(zip(lenses, views)):
                if not view:
                    continue
                # The quaternion turns from the camera to the world: the transpose, as cameras.h5 stores it.
                yield subject, n + 1, {
                    "R": rotation(*view["orientation"]), "T": np.array(view["translation"], dtype=float),
                    "f": np.array(lens["focal_length"], dtype=float), "c": np.array(lens["center"], dtype=float),
                    "k": np.array(lens["radial_distortion"], dtype=float),
                    "p": np.array(lens["tangential_distortion"], dtype=float),
                    "Name": np.array([ord(letter) for letter in lens["id"]], dtype=np.uint16)}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Failure(f"{path}: expected orientation, translation and lens of every camera, found others") from error


def convert_cameras(path, file):
    path = pathlib.Path(path)
    if path.is_file() and path.suffix == ".h5":
        try:
            with h5py.File(path) as source:
                source.copy("/", file, "cameras")
        except (OSError, RuntimeError) as error:
            raise Failure(f"{path}: expected cameras.h5, found no HDF5 that can be read") from error
        return
    if path.is_dir():
        path = path / "common" / "h36m_dataset.py"
    if path.suffix != ".py":
        raise Failure(f"{path}: expected a VideoPose3D checkout or cameras.h5, found another file; "
                      "give metadata.xml to `links data import h36m-videopose3d --cameras`")
    for subject, camera, sets in checkout_cameras(path):
        for name, values in sets.items():
            file[f"cameras/subject{subject[1:]}/camera{camera}/{name}"] = values


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--positions", required=True, metavar="FILE", help="data_3d_h36m.npz")
    parser.add_argument("--keypoints", required=True, metavar="FILE",
                        help="data_2d_h36m_gt.npz, or detections such as data_2d_h36m_cpn_ft_h36m_dbb.npz")
    parser.add_argument("--output", required=True, type=pathlib.Path, metavar="FILE", help="the HDF5 file to write")
    parser.add_argument("--cameras", metavar="PATH", help="your VideoPose3D checkout, or cameras.h5; otherwise give "
                        "the importer cameras.h5 or metadata.xml")
    arguments = parser.parse_args()
    temporary = arguments.output.with_name(f".{arguments.output.name}.{os.getpid()}")
    try:
        with h5py.File(temporary, "w") as file:
            convert_positions(arguments.positions, file)
            convert_keypoints(arguments.keypoints, file)
            if arguments.cameras:
                convert_cameras(arguments.cameras, file)
            for part in ("positions_3d", "positions_2d", "cameras"):
                count = sum(len(subject) for subject in file[part].values()) if part in file else 0
                print(f"{part}: {count}")
        temporary.replace(arguments.output)
    except Failure as failure:
        sys.exit(str(failure))
    except OSError as error:
        sys.exit(f"{arguments.output}: expected a file that can be written, found {error}")
    finally:
        temporary.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
