"""Trains a network on pictures of your own and writes it as an int8 ONNX file.

    python3 models/train/own.py PICTURES --out mine.onnx

PICTURES has a folder for each class, with JPEG or PNG pictures of any size. A tenth of them is
held back and tells the accuracy. The file holds the names of the classes, so

    npx microjoule classify mine.onnx photo.jpg

names what a photograph shows.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import onnx
import torch

from augment import BATCH, Augmenter
from data import read_folders, split
from nets import MOTES, RECIPES
from quantize import int8_right, to_int8
from train import Run, count_right

FEWEST = 2 * BATCH
STEPS = 12_000  # of training, if --epochs does not say otherwise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pictures", type=Path, help="folder with a folder of pictures a class")
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file")
    parser.add_argument("--net", choices=MOTES, default="mote-l")
    parser.add_argument("--epochs", type=int, help=f"default: about {STEPS} batches of {BATCH}")
    parser.add_argument("--rate", type=float, default=0.05, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="checkpoint of the same network to start from")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    if not options.pictures.is_dir():
        parser.error(f"{options.pictures}: no such folder")
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    recipe = RECIPES[options.net]
    pictures, classes = read_folders(options.pictures, recipe.size)
    recipe = replace(recipe, name=options.out.stem, labels=classes)
    training, validation = split(pictures, len(pictures.labels) // 10)
    if len(training.labels) < FEWEST or len(classes) < 2:
        parser.error(
            f"{options.pictures}: got {len(pictures.labels)} pictures in {len(classes)} folders, "
            f"expected two folders or more with {FEWEST * 10 // 9 + 1} pictures in all"
        )
    augmenter = Augmenter(training, recipe, seed=1)
    epochs = options.epochs or max(10, STEPS * BATCH // len(training.labels))
    run = Run(recipe, options.rate, epochs, max(1, epochs // 2), ternary=None)
    if options.start:
        start(run, options.start)
    while run.epoch < epochs:
        loss = run.train(augmenter, None, smoothing=0.1, bf16=False)
        right = count_right(run.average.net, validation, recipe)
        print(f"epoch {run.epoch}/{epochs}: loss {loss:.4f}, held back: {right} right", flush=True)

    _, model = to_int8(run.average.net, recipe, augmenter, max(1, epochs // 20))
    onnx.save(model, str(options.out))
    right, n = int8_right(options.out, validation), len(validation.labels)
    print(f"{options.out}: {options.out.stat().st_size} bytes, {right} of {n} right in int8")


def start(run: Run, path: Path) -> None:
    """All weights of a checkpoint that fit: not those of a classifier of other classes."""
    weights = torch.load(path, map_location="cpu")["average"]
    for own in (run.net, run.average.net):
        state = own.state_dict()
        fitting = {k: v.float() for k, v in weights.items() if v.shape == state[k].shape}
        own.load_state_dict({**state, **fitting})


if __name__ == "__main__":
    main()
