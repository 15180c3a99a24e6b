"""Random crops, mirror images and cut-out squares of pictures held in memory as bytes."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from data import Pictures
from nets import Recipe

BATCH = 128


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

    def epoch(self, number: int, turn: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Batches (images, labels, index) of pass `turn` in the random order of epoch `number`.

        What is left over in the end is dropped.
        """
        generator = torch.Generator().manual_seed(self.seed * 100_003 + number)
        order = torch.randperm(self.part, generator=generator)
        draws = self.draw(turn)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            index = order[start : start + BATCH]
            yield self.view(draws, index), self.labels[index], index

    def draw(self, turn: int) -> Tensor:
        """For every picture: rows and columns skipped, mirrored or not, centre of the square."""
        generator = torch.Generator().manual_seed(turn)
        size, shifts = self.recipe.size, 2 * self.recipe.pad + 1
        n = len(self.labels)
        ends = (shifts, shifts, 2, size, size)
        return torch.stack([torch.randint(end, (n,), generator=generator) for end in ends])

    def view(self, draws: Tensor, index: Tensor) -> Tensor:
        """The pictures of `index` as float32, cropped, mirrored and cut."""
        top, left, mirror, *centre = (draw[index, None] for draw in draws)
        span = torch.arange(self.recipe.size)
        rows, columns = top + span, left + span
        columns = torch.where(mirror == 1, columns.flip(1), columns)
        pixels = self.images[index[:, None, None], rows[:, :, None], columns[:, None, :]]
        if self.cut > 0:
            near = [(span - at).abs() * 2 < self.cut for at in centre]
            square = near[0][:, :, None, None] & near[1][:, None, :, None]
            pixels = pixels.masked_fill(square, self.recipe.mean)
        return self.recipe.prepare(pixels)
