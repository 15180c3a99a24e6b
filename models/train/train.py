"""Trains one of the two networks in float: SGD with one cycle, crops, flips, label smoothing.

    python3 models/train/train.py cifar10 --data ../shared/data/cifar10-jpeg-train.zip --out DIR

Writes DIR/last.pt after every epoch; --resume goes on from it and ends at the same weights.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from data import Pictures, read, split
from nets import RECIPES, Recipe

DEFAULT_DATA = {
    "cifar10": "../shared/data/cifar10-jpeg-train.zip",
    "fashion": "/usr/share/datasets/fashion-mnist",
}
BATCH = 128


class Augmenter:
    """Draws random crops and mirror images from pictures held in memory as bytes."""

    def __init__(self, pictures: Pictures, recipe: Recipe, generator: torch.Generator) -> None:
        pad = recipe.pad
        frame = (0, 0, pad, pad, pad, pad)
        images = torch.from_numpy(pictures.images)
        self.images = nn.functional.pad(images, frame, value=recipe.mean)
        self.labels = torch.from_numpy(pictures.labels)
        self.recipe = recipe
        self.generator = generator

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches of one pass in random order; what is left over in the end is dropped."""
        order = torch.randperm(len(self.labels), generator=self.generator)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            index = order[start : start + BATCH]
            yield self.recipe.prepare(self._crop(index)), self.labels[index]

    def _crop(self, index: Tensor) -> Tensor:
        span = torch.arange(self.recipe.size)
        rows = self._draw(2 * self.recipe.pad + 1) + span
        columns = self._draw(2 * self.recipe.pad + 1) + span
        columns = torch.where(self._draw(2) == 1, columns.flip(1), columns)
        return self.images[index[:, None, None], rows[:, :, None], columns[:, None, :]]

    def _draw(self, below: int) -> Tensor:
        return torch.randint(below, (BATCH, 1), generator=self.generator)


@torch.no_grad()
def count_right(net: nn.Module, pictures: Pictures, recipe: Recipe) -> int:
    net.eval()
    right = 0
    for images, labels in zip(
        torch.from_numpy(pictures.images).split(500), torch.from_numpy(pictures.labels).split(500)
    ):
        right += int((net(recipe.prepare(images)).argmax(1) == labels).sum())
    return right


def make_optimizer(net: nn.Module, rate: float) -> torch.optim.SGD:
    """Weight decay pulls on weights only, not on biases and batch norms."""
    weights = [p for p in net.parameters() if p.dim() > 1]
    others = [p for p in net.parameters() if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": 3e-4}, {"params": others}]
    return torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("net", choices=RECIPES)
    parser.add_argument("--data", type=Path, help="training data: folder, .zip or .tar.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("--epochs", type=int, help="default: those of the recipe")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from OUT/last.pt")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    recipe = RECIPES[options.net]
    epochs = options.epochs or recipe.epochs
    training, validation = split(read(options.data or Path(DEFAULT_DATA[options.net]), "train"))

    augmenter = Augmenter(training, recipe, generator)
    net = recipe.build().to(memory_format=torch.channels_last)
    optimizer = make_optimizer(net, recipe.rate)
    steps = epochs * (len(training.labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.rate, total_steps=steps, pct_start=0.2, cycle_momentum=False
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.1)

    checkpoint = options.out / "last.pt"
    options.out.mkdir(parents=True, exist_ok=True)
    first = 0
    if options.resume and checkpoint.exists():
        state = torch.load(checkpoint)
        net.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        generator.set_state(state["generator"])
        first = state["epoch"]

    for epoch in range(first, epochs):
        started = time.monotonic()
        net.train()
        total = torch.zeros(())
        batches = len(training.labels) // BATCH
        for images, labels in augmenter.epoch():
            loss = loss_of(net(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.detach()
        right = count_right(net, validation, recipe)
        seconds = time.monotonic() - started
        n = len(validation.labels)
        print(
            f"epoch {epoch + 1}/{epochs}: loss {total / batches:.4f}, "
            f"validation {right} of {n}, {seconds:.1f} s",
            flush=True,
        )
        state = {
            "net": net.state_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
            "generator": generator.get_state(),
            "epoch": epoch + 1,
            "epochs": epochs,
            "seed": options.seed,
            "validationRight": right,
        }
        partial = checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(checkpoint)  # an interrupted save leaves the last one whole


if __name__ == "__main__":
    main()
