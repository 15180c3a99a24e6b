"""Random crops, mirror images, cut-out squares and mixtures of pictures in memory as bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from data import Pictures
from nets import Recipe

BATCH = 128


@dataclass(frozen=True)
class Draws:
    """What chance says of every picture in a pass; all [pictures]."""

    top: Tensor
    left: Tensor
    mirror: Tensor
    row: Tensor
    column: Tensor
    partner: Tensor
    share: Tensor  # of the partner in the area, 0 to 1


class Augmenter:
    """Draws follow from the number of a pass alone, so a teacher's logits for them can be kept."""

    def __init__(
        self,
        pictures: Pictures,
        recipe: Recipe,
        seed: int,
        cut: int = 0,
        part: int | None = None,
    ) -> None:
        pad = recipe.pad
        self.pictures = pictures
        images = torch.from_numpy(pictures.images)
        self.images = nn.functional.pad(images, (0, 0, pad, pad, pad, pad), value=recipe.mean)
        self.labels = torch.from_numpy(pictures.labels)
        self.recipe = recipe
        self.seed = seed
        self.part = part or len(self.labels)  # only the first ones are shown
        self.cut = cut  # side of the square that is blanked, 0 for none

    def epoch(
        self, number: int, turn: int, mixed: bool = False
    ) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Batches (images, labels, index) of pass `turn` in the random order of epoch `number`.

        What is left over in the end is dropped.
        """
        generator = torch.Generator().manual_seed(self.seed * 100_003 + number)
        order = torch.randperm(self.part, generator=generator)
        view = self.mixed if mixed else self.view
        draws = self.draw(turn)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            index = order[start : start + BATCH]
            yield view(draws, index), self.labels[index], index

    def draw(self, turn: int) -> Draws:
        """For every picture: rows and columns skipped, mirrored or not, a point, and a partner."""
        generator = torch.Generator().manual_seed(turn)
        size, shifts = self.recipe.size, 2 * self.recipe.pad + 1
        n = len(self.labels)
        ends = (shifts, shifts, 2, size, size, n)
        draws = [torch.randint(end, (n,), generator=generator) for end in ends]
        return Draws(*draws, torch.rand(n, generator=generator))

    def view(self, draws: Draws, index: Tensor) -> Tensor:
        """The pictures of `index` as float32, cropped, mirrored and cut."""
        pixels = self._crop(draws, index)
        if self.cut > 0:
            side = torch.full((len(index),), self.cut)
            pixels = pixels.masked_fill(self._square(draws, index, side), self.recipe.mean)
        return self.recipe.prepare(pixels)

    def mixed(self, draws: Draws, index: Tensor) -> Tensor:
        """As view(), but half of the pictures get a square of their partner's (CutMix).

        Its share of the area is uniform from 0 to 1 before it loses what is outside.
        """
        chosen = draws.partner[index] % 2 == 0
        side = chosen * self.recipe.size * draws.share[index].sqrt()
        square = self._square(draws, index, side)
        other = self._crop(draws, draws.partner[index])
        return self.recipe.prepare(torch.where(square, other, self._crop(draws, index)))

    def _crop(self, draws: Draws, index: Tensor) -> Tensor:
        span = torch.arange(self.recipe.size)
        rows, columns = draws.top[index, None] + span, draws.left[index, None] + span
        columns = torch.where(draws.mirror[index, None] == 1, columns.flip(1), columns)
        return self.images[index[:, None, None], rows[:, :, None], columns[:, None, :]]

    def _square(self, draws: Draws, index: Tensor, side: Tensor) -> Tensor:
        """Pixels within squares about the drawn points: bool [pictures][size][size][1]."""
        span = torch.arange(self.recipe.size)
        near = [
            (span - at[index, None]).abs() * 2 < side[:, None] for at in (draws.row, draws.column)
        ]
        return (near[0][:, :, None] & near[1][:, None, :])[..., None]
