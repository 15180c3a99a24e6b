"""Reads data sets into memory as uint8 pictures, NHWC, with their labels."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

CIFAR_LABELS = "airplane automobile bird cat deer dog frog horse ship truck".split()
FASHION_LABELS = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]  # fmt: skip
VALIDATION = 5_000
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")


@dataclass(frozen=True)
class Pictures:
    images: np.ndarray  # uint8 [n][height][width][channels]
    labels: np.ndarray  # int64 [n]

    def take(self, index: np.ndarray) -> Pictures:
        return Pictures(self.images[index], self.labels[index])


def read(path: Path, part: str) -> Pictures:
    """Reads `part` ("train" or "test") of the data set at `path`, whose kind its name tells:

    a folder   Fashion-MNIST's four idx files, as Debian's dataset-fashion-mnist installs them
    .tar.gz    CIFAR-10's official archive, cifar-10-python.tar.gz
    .zip       pictures as CLASS/NAME.jpg, classes in alphabetical order; the file is the part
    """
    if path.is_dir():
        return read_idx(path, "train" if part == "train" else "t10k")
    if path.name.endswith(".tar.gz"):
        return read_cifar_archive(path, part)
    return read_zip(path)


def read_idx(folder: Path, prefix: str) -> Pictures:
    images = _idx(folder / f"{prefix}-images-idx3-ubyte.gz", header=16)
    labels = _idx(folder / f"{prefix}-labels-idx1-ubyte.gz", header=8)
    return Pictures(images.reshape(-1, 28, 28, 1), labels.astype(np.int64))


def _idx(path: Path, header: int) -> np.ndarray:
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header).copy()


def read_zip(path: Path) -> Pictures:
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        images = [np.asarray(Image.open(io.BytesIO(archive.read(n))).convert("RGB")) for n in names]
    folders = [name.split("/")[-2] for name in names]
    classes = sorted(set(folders))
    return Pictures(np.stack(images), np.array([classes.index(f) for f in folders], np.int64))


def read_folders(path: Path, size: int) -> tuple[Pictures, list[str]]:
    """Pictures of any size as CLASS/NAME, squashed to size by size pixels, and their classes."""
    classes = sorted(entry.name for entry in path.iterdir() if entry.is_dir())
    images, labels = [], []
    for number, name in enumerate(classes):
        for file in sorted((path / name).iterdir()):
            if file.suffix.lower() in ENDINGS:
                picture = Image.open(file).convert("RGB").resize((size, size), Image.BILINEAR)
                images.append(np.asarray(picture))
                labels.append(number)
    shape = (-1, size, size, 3)
    return Pictures(np.array(images, np.uint8).reshape(shape), np.array(labels, np.int64)), classes


def read_cifar_archive(path: Path, part: str) -> Pictures:
    names = ["test_batch"] if part == "test" else [f"data_batch_{i}" for i in range(1, 6)]
    images, labels = [], []
    with tarfile.open(path) as archive:
        for name in names:
            file = archive.extractfile(f"cifar-10-batches-py/{name}")
            assert file is not None, f"{path} holds no file {name}"
            batch = _ArrayUnpickler(file, encoding="bytes").load()
            images.append(batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
            labels.append(np.array(batch[b"labels"], np.int64))
    return Pictures(np.ascontiguousarray(np.concatenate(images)), np.concatenate(labels))


class _ArrayUnpickler(pickle.Unpickler):
    """Makes numpy arrays and plain Python values; a pickle may otherwise call anything."""

    allowed = {"_reconstruct", "ndarray", "dtype"}

    def __init__(self, file: BinaryIO | Any, encoding: str) -> None:
        super().__init__(file, encoding=encoding)

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "numpy" and name in self.allowed:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"got {module}.{name}, expected numpy arrays only")


def split(train: Pictures, held_back: int = VALIDATION) -> tuple[Pictures, Pictures]:
    """Training and validation pictures. The draw is always the same, whatever the run's seed."""
    order = np.random.default_rng(2024).permutation(len(train.labels))
    return train.take(order[held_back:]), train.take(order[:held_back])
