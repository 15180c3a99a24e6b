"""Quantizes a checkpoint to int8, fine-tunes, writes the ONNX file, and measures the test set.

    python3 models/train/quantize.py mote-l --checkpoint DIR/last.pt

Every choice is made on training and validation pictures; the test set is read once, at the end,
by this engine, for the figures in models/manifest.json. Needs `npm run build`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
import torch
from torch import nn

from augment import Augmenter
from data import Pictures, read, split
from distil import Teacher
from engine import count_right, energy_nj
from finetune import finetune
from manifest import TERMS, Measured, update
from nets import RECIPES, Recipe
from scales import calibrate
from simulate import Simulator
from steps import Step, count_macs, count_params, fold, run
from ternary import make_ternary, settle
from train import default_data
from write_onnx import make_model

MODELS = Path(__file__).resolve().parent.parent
CIFAR_TEST = "../shared/data/cifar10-jpeg-test-a.zip"
CALIBRATION = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("net", choices=RECIPES)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="training data: folder, .zip or .tar.gz")
    parser.add_argument("--test", type=Path, help="test data: folder, .zip or .tar.gz")
    parser.add_argument("--epochs", type=int, default=0, help="of fine-tuning")
    parser.add_argument("--teacher", type=Path, help="folder of a trained teacher")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the manifest")
    parser.add_argument("--validate-only", action="store_true", help="leave the test set unread")
    options = parser.parse_args()

    torch.set_num_threads(1)
    recipe = RECIPES[options.net]
    training, validation = split(read(options.data or default_data(recipe), "train"))
    state = torch.load(options.checkpoint, map_location="cpu")
    net = recipe.build().eval()
    if state["ternary"]:
        make_ternary(net, state["ternary"])
    net.load_state_dict(state["average"])
    settle(net)
    augmenter = Augmenter(training, recipe, options.seed)
    teacher = Teacher(options.teacher, augmenter) if options.teacher else None
    steps, model = to_int8(net, recipe, augmenter, options.epochs, teacher)
    name = f"{recipe.name}-ternary" if state["ternary"] else recipe.name
    file = options.models / f"{name}.onnx"
    onnx.save(model, str(file))
    print(f"{file}: {file.stat().st_size} bytes")

    n = len(validation.labels)
    print(f"validation: float {float_right(steps, validation, recipe)} of {n}")
    print(f"validation: int8 {int8_right(file, validation)} of {n}", flush=True)
    if options.validate_only:
        return

    path = options.test or (Path(CIFAR_TEST) if recipe.channels == 3 else default_data(recipe))
    test = read(path, "test")
    measured = Measured(
        macs=count_macs(steps, recipe.prepare(torch.from_numpy(test.images[:1]))),
        params=count_params(steps),
        data_set=path.name if path.is_file() else TERMS[recipe.data].test_name,
        n=len(test.labels),
        float_right=float_right(steps, test, recipe),
        engine_right=count_right(file, path, test),
        nj=energy_nj(file),
        tiled_nj=energy_nj(file, "tiled"),
    )
    print(f"test: {measured}")
    update(options.models, recipe, name, file, measured, state)


def to_int8(
    net: nn.Sequential,
    recipe: Recipe,
    augmenter: Augmenter,
    epochs: int,
    teacher: Teacher | None = None,
) -> tuple[list[Step], onnx.ModelProto]:
    """The steps of a trained network after `epochs` of fine-tuning, and its ONNX model."""
    steps = fold(net)
    calibration = augmenter.pictures.images[:CALIBRATION]
    scales = calibrate(steps, recipe.prepare(torch.from_numpy(calibration)), recipe)
    if epochs > 0:
        steps = finetune(steps, scales, augmenter, epochs, teacher)
    return steps, make_model(steps, scales, recipe)


def float_right(steps: list[Step], pictures: Pictures, recipe: Recipe) -> int:
    right = 0
    for start in range(0, len(pictures.labels), 250):
        chunk = slice(start, start + 250)
        images = recipe.prepare(torch.from_numpy(pictures.images[chunk]))
        with torch.no_grad():
            logits = run(steps, images, lambda _, value: value)
        right += int((logits.argmax(1).numpy() == pictures.labels[chunk]).sum())
    return right


def int8_right(file: Path, pictures: Pictures) -> int:
    simulator = Simulator(file)
    right = 0
    for start in range(0, len(pictures.labels), 250):
        chunk = slice(start, start + 250)
        logits = simulator.run(pictures.images[chunk].transpose(0, 3, 1, 2))
        right += int((logits.argmax(1) == pictures.labels[chunk]).sum())
    return right


if __name__ == "__main__":
    main()
