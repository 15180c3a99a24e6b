"""Trains a network in float or with ternary weights.

    python3 models/train/train.py mote-l --data ../shared/data/cifar10-jpeg-train.zip --out DIR

Muon, label smoothing, crops, mirror images, mixtures of pictures, a running average of the weights,
and a teacher if one is named. Writes DIR/last.pt after every epoch; --resume goes on from it and
ends at the same weights.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from augment import BATCH, Augmenter
from data import Pictures, read, split
from distil import TURNS, Teacher, distilled_loss
from fast import speed_up
from muon import Muon
from nets import RECIPES, Recipe
from ternary import fit_magnitudes, make_ternary

FASHION_FOLDER = "/usr/share/datasets/fashion-mnist"
CIFAR_FILE = "../shared/data/cifar10-jpeg-train.zip"
DECAY = 0.999  # of the running average, each step
RENEWED = 5_000  # pictures that give the average its statistics
FALL = 0.8  # share of the epochs in which the rate falls


def default_data(recipe: Recipe) -> Path:
    return Path(CIFAR_FILE if recipe.channels == 3 else FASHION_FOLDER)


class Average:
    """A network whose weights follow those of another, with statistics of its own."""

    def __init__(self, net: nn.Module) -> None:
        self.net = copy.deepcopy(net).eval()
        self.mine, self.theirs = list(self.net.parameters()), list(net.parameters())

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Early steps count more, or the first weights would stay in it for long."""
        decay = min(DECAY, (1 + step) / (10 + step))
        torch._foreach_mul_(self.mine, decay)
        torch._foreach_add_(self.mine, self.theirs, alpha=1 - decay)

    @torch.no_grad()
    def renew(self, batches: Iterable[Tensor]) -> None:
        """Batch norms anew: averaged weights have less noise, so maps of another variance."""
        for module in self.net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.reset_running_stats()
                module.momentum = None  # the plain mean over all batches
        self.net.train()
        for images in batches:
            self.net(images)
        self.net.eval()


@torch.no_grad()
def count_right(net: nn.Module, pictures: Pictures, recipe: Recipe) -> int:
    net.eval()
    right = 0
    for images, labels in zip(
        torch.from_numpy(pictures.images).split(500), torch.from_numpy(pictures.labels).split(500)
    ):
        right += int((net(recipe.prepare(images)).argmax(1) == labels).sum())
    return right


def rate_at(epoch: float, epochs: int, fall: int) -> float:
    """Share of the highest rate: a short rise, a plateau, and a straight fall to 0 at the end.

    What is on the plateau does not depend on `epochs`: a run can be made longer at any time, or
    ended early from a checkpoint of it.
    """
    rise = min(3, 0.2 * epochs)
    return min(1.0, (epoch + 0.01) / rise, (epochs - epoch) / fall)


class Run:
    """Everything that changes while a network trains."""

    def __init__(
        self,
        recipe: Recipe,
        rate: float,
        epochs: int,
        fall: int,
        ternary: str | None,
        fast: Path | None = None,
        mix: int = 0,
    ) -> None:
        self.recipe = recipe
        self.rate = rate
        self.epochs = epochs
        self.fall = fall
        self.mix = mix
        self.net = recipe.build().to(memory_format=torch.channels_last)
        self.ternary = ternary
        if ternary:
            make_ternary(self.net, ternary)
        self.optimizer = Muon(self.net, rate)
        self.average = Average(self.net)
        if fast:
            speed_up(self.net, fast)
        self.epoch = 0

    def train(
        self, augmenter: Augmenter, teacher: Teacher | None, smoothing: float, bf16: bool
    ) -> float:
        """One epoch; the mean loss."""
        self.net.train()
        batches = augmenter.part // BATCH
        turn = self.epoch if teacher is None else self.epoch % TURNS
        mixed = teacher is not None and self.epoch >= self.mix
        taught = None if teacher is None else teacher.logits(turn, mixed)
        total = torch.zeros(())
        step = self.epoch * batches
        for images, labels, index in augmenter.epoch(self.epoch, turn, mixed):
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate * rate_at(step / batches, self.epochs, self.fall)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
                logits = self.net(images)
            logits = logits.float()
            if taught is None:
                loss = nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing)
            else:
                loss = distilled_loss(logits, taught[index], None if mixed else labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.average.update(step)
            total += loss.detach()
            step += 1
        self.epoch += 1
        draws, first = augmenter.draw(turn), torch.arange(min(RENEWED, augmenter.part))
        self.average.renew(augmenter.view(draws, index) for index in first.split(500))
        return float(total) / batches

    def state(self) -> dict[str, Any]:
        return {
            "recipe": self.recipe.key,
            "plan": self.recipe.plan,
            "activation": self.recipe.activation,
            "rate": self.rate,
            "epochs": self.epochs,
            "fall": self.fall,
            "mix": self.mix,
            "epoch": self.epoch,
            "ternary": self.ternary,
            "net": self.net.state_dict(),
            "average": self.average.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["net"])
        self.average.net.load_state_dict(state["average"])
        if "optimizer" in state:  # pack.py leaves it out
            self.optimizer.load_state_dict(state["optimizer"])
        self.epoch = state["epoch"]

    def start_from(self, state: dict[str, Any]) -> None:
        """Takes the averaged weights of a float run; where weights are ternary, as latent ones."""
        weights = state["average"]
        for net in (self.net, self.average.net):
            latent = "parametrizations.weight.original"
            own = net.state_dict().items()
            net.load_state_dict({k: weights.get(k.replace(latent, "weight"), v) for k, v in own})
            fit_magnitudes(net)


def save(state: dict[str, Any], path: Path) -> None:
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)  # an interrupted save leaves the last one whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("net", choices=RECIPES)
    parser.add_argument("--data", type=Path, help="training data: folder, .zip or .tar.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--epochs", type=int, help="default: those of the recipe")
    parser.add_argument("--fall", type=int, help="last epochs, in which the rate falls")
    parser.add_argument("--rate", type=float, help="highest learning rate; default: the recipe's")
    parser.add_argument("--cut", type=int, default=0, help="side of the cut-out square")
    parser.add_argument("--smoothing", type=float, default=0.1, help="of labels; 0 for a teacher")
    parser.add_argument("--teacher", type=Path, help="folder of a trained teacher")
    parser.add_argument("--mix", type=int, help="first epoch with mixed pictures for a teacher too")
    parser.add_argument("--start", type=Path, help="checkpoint of a float run to go on from")
    parser.add_argument(
        "--ternary",
        choices=["channel", "ttq"],
        nargs="?",
        const="channel",
        help="large layers get three values: one magnitude a channel, or two a layer (ttq)",
    )
    parser.add_argument("--bf16", action="store_true", help="bfloat16 where it is safe")
    parser.add_argument("--fast", action="store_true", help="layers from fast.cpp; needs g++")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from OUT/last.pt")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    recipe = RECIPES[options.net]
    training, validation = split(read(options.data or default_data(recipe), "train"))
    augmenter = Augmenter(training, recipe, options.seed, options.cut)
    teacher = Teacher(options.teacher, augmenter) if options.teacher else None
    epochs = options.epochs or recipe.epochs
    options.out.mkdir(parents=True, exist_ok=True)
    fast = options.out if options.fast else None
    fall = options.fall or max(1, round(FALL * epochs))
    rate = options.rate or recipe.rate
    mix = options.mix
    if mix is None:
        mix = 0 if options.start else recipe.mix
    run = Run(recipe, rate, epochs, fall, options.ternary, fast, mix)
    if options.start:
        run.start_from(torch.load(options.start, map_location="cpu"))

    checkpoint = options.out / "last.pt"
    if options.resume and checkpoint.exists():
        run.load(torch.load(checkpoint))

    while run.epoch < epochs:
        started = time.process_time()
        loss = run.train(augmenter, teacher, options.smoothing, options.bf16)
        right = count_right(run.average.net, validation, recipe)
        print(
            f"epoch {run.epoch}/{epochs}: loss {loss:.4f}, validation {right} of "
            f"{len(validation.labels)}, {time.process_time() - started:.1f} s",
            flush=True,
        )
        result = {"validationRight": right, "validationOf": len(validation.labels)}
        notes = {"seed": options.seed, "taught": teacher is not None}
        save({**run.state(), **notes, **result}, checkpoint)


if __name__ == "__main__":
    main()
