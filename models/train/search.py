"""Trains candidate networks for a few epochs on a part of the pictures, a row in search.csv each.

    python3 models/train/search.py PLAN [PLAN ...]

A proxy sees the first 30,000 training pictures, eight times by default; the other 15,000 and the
5,000 validation pictures score it. The test set takes no part. Plans are those of nets.py.
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import torch

from augment import Augmenter
from data import read, split
from distil import Teacher
from nets import CIFAR
from train import Run, count_right, default_data
from weigh import weigh

TABLE = Path(__file__).with_name("search.csv")
TRAINING = 30_000
RATE = 0.15
# Schedules of the table: "cycle" and "straight" are earlier rows, trained by SGD whose rate fell by
# half cosines or straight; "muon" has the optimizer of now, "taught" a teacher too.
COLUMNS = [
    *("plan", "activation", "schedule", "epochs", "seed", "macs"),
    *("int8Bytes", "ternaryBytes", "int8Nj", "ternaryNj", "right", "of"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("plans", nargs="+")
    parser.add_argument("--data", type=Path, default=default_data(CIFAR))
    parser.add_argument("--activation", default=CIFAR.activation)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--fast", type=Path, help="folder for layers from fast.cpp; needs g++")
    parser.add_argument("--teacher", type=Path, help="folder of a trained teacher")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(1)
    training, validation = split(read(options.data, "train"))
    others = training.take(np.arange(TRAINING, len(training.labels)))
    for plan in options.plans:
        recipe = replace(CIFAR, plan=plan, activation=options.activation)
        torch.manual_seed(options.seed)
        fall = max(1, round(0.8 * options.epochs))
        never = options.epochs  # mixtures help in longer trainings
        run = Run(recipe, RATE, options.epochs, fall, None, options.fast, mix=never)
        augmenter = Augmenter(training, recipe, options.seed, part=TRAINING)
        teacher = Teacher(options.teacher, augmenter) if options.teacher else None
        started = time.process_time()
        while run.epoch < options.epochs:
            run.train(augmenter, teacher, smoothing=0.1, bf16=False)
        seconds = time.process_time() - started
        right = sum(count_right(run.average.net, p, recipe) for p in (others, validation))
        n = len(others.labels) + len(validation.labels)
        print(f"{100 * right / n:.2f} % after {seconds:.0f} s: {plan}", flush=True)
        schedule = "taught" if options.teacher else "muon"
        settings = [plan, options.activation, schedule, options.epochs, options.seed]
        append([*settings, *astuple(weigh(recipe)), right, n])


def append(row: list[object]) -> None:
    is_new = not TABLE.exists()
    with TABLE.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerow(row)


if __name__ == "__main__":
    main()
