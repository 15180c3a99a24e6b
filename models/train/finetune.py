"""Trains folded weights a little further with every rounding of the int8 network in place."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from augment import BATCH, Augmenter
from distil import TURNS, Teacher, distilled_loss
from scales import Scale, weight_scales
from steps import Step, run
from ternary import codes_of

RATE = 0.0002


@dataclass
class Tuned:
    """A step whose bias and weights are trained, or the scales of its codes where it is ternary."""

    step: Step
    bias: nn.Parameter
    weights: nn.Parameter
    codes: Tensor | None

    @staticmethod
    def of(step: Step) -> Tuned | None:
        if step.weights is None or step.bias is None:
            return None
        codes, weights = codes_of(step.weights), step.weights
        if codes is not None:
            weights = weights.abs().amax(tuple(range(1, weights.dim())), keepdim=True)
        bias, weights = step.bias.clone(), weights.clone()
        return Tuned(step, nn.Parameter(bias), nn.Parameter(weights), codes)

    def rounded(self, scales: dict[str, Scale]) -> Step:
        """The bias stays float: its steps are far finer than those of the output."""
        step = self.plain()
        if self.codes is None:
            scale = torch.from_numpy(weight_scales(step, scales[step.inputs[0]]))
            zeros = torch.zeros(len(scale), dtype=torch.int32)
            step.weights = torch.fake_quantize_per_channel_affine(
                self.weights, scale, zeros, 0, -127, 127
            )
        return step

    def plain(self) -> Step:
        weights = self.weights if self.codes is None else self.codes * self.weights
        return replace(self.step, weights=weights, bias=self.bias)


def finetune(
    steps: Sequence[Step],
    scales: dict[str, Scale],
    augmenter: Augmenter,
    epochs: int,
    teacher: Teacher | None = None,
) -> list[Step]:
    """New steps for the same scales of activations; those of the weights follow the weights."""
    tuned = [Tuned.of(step) for step in steps]
    parameters = [p for t in tuned if t is not None for p in (t.weights, t.bias)]
    optimizer = torch.optim.SGD(parameters, RATE, momentum=0.9, nesterov=True)
    total = epochs * (len(augmenter.labels) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)

    def keep(name: str, value: Tensor) -> Tensor:
        return scales[name].round(value) if name in scales else value

    for epoch in range(epochs):
        started = time.process_time()
        turn = epoch % TURNS
        mixed = teacher is not None
        taught = None if teacher is None else teacher.logits(turn, mixed)
        for images, labels, index in augmenter.epoch(epoch, turn, mixed):
            rounded = [s if t is None else t.rounded(scales) for s, t in zip(steps, tuned)]
            logits = run(rounded, images, keep)
            if taught is None:
                loss = nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
            else:
                loss = distilled_loss(logits, taught[index], None)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        seconds = time.process_time() - started
        print(f"fine-tuning {epoch + 1}/{epochs}: {seconds:.1f} s", flush=True)
    return [s if t is None else _detached(t.plain()) for s, t in zip(steps, tuned)]


def _detached(step: Step) -> Step:
    assert step.weights is not None and step.bias is not None
    return replace(step, weights=step.weights.detach(), bias=step.bias.detach())
