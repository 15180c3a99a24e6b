"""Trains candidate networks for a few epochs on a part of the pictures, a row in search.csv each.

    python3 models/train/search.py PLAN [PLAN ...]

A proxy sees the first 30,000 training pictures, eight times by default; the other 15,000 and the
5,000 validation pictures score it. The test set takes no part. Plans are those of nets.py.
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from augment import Augmenter
from data import read, split
from nets import CIFAR
from steps import count_macs, count_params, fold
from ternary import ternary_layers
from train import Run, count_right, default_data

TABLE = Path(__file__).with_name("search.csv")
TRAINING = 30_000
RATE = 0.15
COLUMNS = ["plan", "activation", "epochs", "seed", "macs", "params", "large", "right", "of"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("plans", nargs="+")
    parser.add_argument("--data", type=Path, default=default_data(CIFAR))
    parser.add_argument("--activation", default="hardswish")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--fast", type=Path, help="folder for layers from fast.cpp; needs g++")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(1)
    training, validation = split(read(options.data, "train"))
    part = training.take(np.arange(TRAINING))
    others = training.take(np.arange(TRAINING, len(training.labels)))
    for plan in options.plans:
        recipe = replace(CIFAR, plan=plan, activation=options.activation)
        torch.manual_seed(options.seed)
        fall = max(1, round(0.8 * options.epochs))
        run = Run(recipe, RATE, options.epochs, fall, False, options.fast)
        augmenter = Augmenter(part, recipe, options.seed)
        started = time.process_time()
        while run.epoch < options.epochs:
            run.train(augmenter, None, smoothing=0.1, bf16=False)
        seconds = time.process_time() - started
        right = sum(count_right(run.average.net, p, recipe) for p in (others, validation))
        n = len(others.labels) + len(validation.labels)
        print(f"{100 * right / n:.2f} % after {seconds:.0f} s: {plan}", flush=True)
        append([plan, options.activation, options.epochs, options.seed, *sizes(run), right, n])


def sizes(run: Run) -> list[int]:
    """MACs, parameters, and how many weights are in layers fit for three values."""
    net = run.average.net
    steps = fold(net)
    image = torch.zeros(1, run.recipe.channels, run.recipe.size, run.recipe.size)
    large = sum(net.get_submodule(name).weight.numel() for name in ternary_layers(net))
    return [count_macs(steps, image), count_params(steps), large]


def append(row: list[object]) -> None:
    is_new = not TABLE.exists()
    with TABLE.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerow(row)


if __name__ == "__main__":
    main()
