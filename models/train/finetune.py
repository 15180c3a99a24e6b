"""Trains folded weights a little further with every rounding of the int8 network in place."""

from __future__ import annotations

import time
from dataclasses import replace
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from scales import Scale, weight_scales
from steps import Step, run
from train import BATCH, Augmenter

RATE = 0.002


def finetune(
    steps: Sequence[Step], scales: dict[str, Scale], augmenter: Augmenter, epochs: int
) -> list[Step]:
    """New steps for the same scales of activations; those of the weights follow the weights."""
    trained = [_with_parameters(step) for step in steps]
    parameters = [p for s in trained if s.weights is not None for p in (s.weights, s.bias)]
    optimizer = torch.optim.SGD(parameters, RATE, momentum=0.9, nesterov=True)
    total = epochs * (len(augmenter.labels) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.1)

    def keep(name: str, value: Tensor) -> Tensor:
        return scales[name].round(value) if name in scales else value

    for epoch in range(epochs):
        started = time.monotonic()
        for images, labels in augmenter.epoch():
            loss = loss_of(run([_rounded(s, scales) for s in trained], images, keep), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        seconds = time.monotonic() - started
        print(f"fine-tuning {epoch + 1}/{epochs}: {seconds:.1f} s", flush=True)
    return [_detached(step) for step in trained]


def _with_parameters(step: Step) -> Step:
    if step.weights is None or step.bias is None:
        return step
    weights, bias = step.weights.clone(), step.bias.clone()
    return replace(step, weights=nn.Parameter(weights), bias=nn.Parameter(bias))


def _rounded(step: Step, scales: dict[str, Scale]) -> Step:
    """The bias stays float: its steps are some thousand times finer than those of the output."""
    if step.weights is None:
        return step
    scale = torch.from_numpy(weight_scales(step, scales[step.inputs[0]]))
    zeros = torch.zeros(len(scale), dtype=torch.int32)
    weights = torch.fake_quantize_per_channel_affine(step.weights, scale, zeros, 0, -127, 127)
    return replace(step, weights=weights)


def _detached(step: Step) -> Step:
    if step.weights is None or step.bias is None:
        return step
    return replace(step, weights=step.weights.detach(), bias=step.bias.detach())
