"""Logits of a larger network for the very pictures a student sees, computed once and kept."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from augment import Augmenter
from nets import RECIPES

TURNS = 24  # passes with crops of their own; later epochs see these again, in another order
TEMPERATURE = 3.0
SHARE = 0.9  # of the loss; the labels have the rest


class Teacher:
    """Its checkpoint is FOLDER/last.pt, and the logits of each pass lie beside it."""

    def __init__(self, folder: Path, augmenter: Augmenter) -> None:
        state = torch.load(folder / "last.pt", map_location="cpu")
        recipe = replace(RECIPES[state["recipe"]], plan=state["plan"])
        self.net = recipe.build().eval().to(memory_format=torch.channels_last)
        self.net.load_state_dict(state["average"])
        self.folder = folder
        self.augmenter = augmenter

    @torch.no_grad()
    def logits(self, turn: int, mixed: bool = False) -> Tensor:
        """float32 [pictures][classes] of pass `turn`."""
        kind = "mixed" if mixed else f"logits-{self.augmenter.cut}"
        path = self.folder / f"{kind}-{turn}.pt"
        if path.exists():
            return torch.load(path).float()
        draws = self.augmenter.draw(turn)
        view = self.augmenter.mixed if mixed else self.augmenter.view
        parts = []
        for index in torch.arange(len(self.augmenter.labels)).split(500):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                parts.append(self.net(view(draws, index)).half())
        partial = path.with_suffix(f".{os.getpid()}")
        torch.save(torch.cat(parts), partial)
        partial.replace(path)
        return torch.cat(parts).float()


def distilled_loss(logits: Tensor, taught: Tensor, labels: Tensor | None) -> Tensor:
    """Label loss and divergence from the teacher's softened classes (Hinton et al., 2015).

    Mixtures have no label: there the student matches the teacher alone (Beyer et al., 2022).
    """
    ours = (logits / TEMPERATURE).log_softmax(1)
    theirs = (taught / TEMPERATURE).softmax(1)
    soft = nn.functional.kl_div(ours, theirs, reduction="batchmean") * TEMPERATURE**2
    if labels is None:
        return soft
    hard = nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    return (1 - SHARE) * hard + SHARE * soft
