"""Chooses the int8 scale and zero point of every tensor from what calibration pictures give."""

from __future__ import annotations

from dataclasses import dataclass
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nets import Recipe
from steps import INPUT, Step, run

LOWEST, HIGHEST = -128, 127
LOWEST_HARD_SWISH = -0.375  # at -1.5
# Shares of the values that may saturate at each end.
CUT = (0.0, 1e-5, 1e-4, 5e-4, 1e-3, 2e-3, 5e-3)


@dataclass(frozen=True)
class Scale:
    """real = scale * (q - zero_point)."""

    scale: np.float32
    zero_point: int

    def round(self, values: Tensor) -> Tensor:
        """Quantizes and dequantizes; gradients pass wherever nothing saturates."""
        return torch.fake_quantize_per_tensor_affine(
            values, float(self.scale), self.zero_point, LOWEST, HIGHEST
        )


def calibrate(steps: Sequence[Step], images: Tensor, recipe: Recipe) -> dict[str, Scale]:
    """A scale for each tensor that is quantized: all but what a Relu reads.

    A Relu in front of a QuantizeLinear is the clamp of the output type, so nothing is rounded
    between it and the convolution before it. Of the ranges that cut off more or less of a tensor,
    the one wins that moves the logits least when this tensor alone is rounded. The error of the
    tensor itself is no guide: one channel with long tails would cost all others their precision.
    """
    unrounded = {s.inputs[0] for s in steps if s.op == "Relu"}
    known = known_scales(steps)
    values: dict[str, Tensor] = {}
    with torch.no_grad():
        logits = run(steps, images, lambda name, value: values.setdefault(name, value))

        def error(name: str, scale: Scale) -> float:
            def keep(other: str, value: Tensor) -> Tensor:
                return scale.round(value) if other == name else value

            return float((run(steps, images, keep) - logits).square().mean())

        scales = {INPUT: pixel_scale(recipe)}
        for step in steps:
            name = step.name
            if name in unrounded:
                continue
            if step.op == "Flatten":
                scales[name] = scales[step.inputs[0]]
            elif name in known:
                scales[name] = known[name]
            else:
                scales[name] = min(candidates(values[name]), key=lambda scale: error(name, scale))
    return scales


def known_scales(steps: Sequence[Step]) -> dict[str, Scale]:
    """Those of hard activations and of what they read, all of whose ranges are set beforehand.

    Below -3 hard-sigmoid and hard-swish give 0, and above 3 (or the limit) the largest value: what
    saturates there makes no difference.
    """
    scales = {}
    for step in steps:
        if step.op == "HardSigmoid":
            scales[step.inputs[0]], scales[step.name] = span(-3.0, 3.0), span(0.0, 1.0)
        elif step.op == "HardSwish" and step.limit is not None:
            scales[step.inputs[0]] = span(-3.0, step.limit)
            scales[step.name] = span(LOWEST_HARD_SWISH, step.limit)
    return scales


def pixel_scale(recipe: Recipe) -> Scale:
    """Makes the quantized input pixel - 128, without any rounding."""
    return Scale(np.float32(1 / recipe.std), recipe.mean - 128)


def candidates(values: Tensor) -> list[Scale]:
    flat = values.flatten().sort().values
    last = len(flat) - 1
    ends = [round(cut * last) for cut in CUT]
    return [span(float(flat[end]), float(flat[last - end])) for end in ends]


def span(low: float, high: float) -> Scale:
    """The scale that holds low to high, and 0 exactly, since padding is 0."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32(max(high - low, 1e-6) / (HIGHEST - LOWEST))
    return Scale(scale, int(np.clip(round(LOWEST - low / float(scale)), LOWEST, HIGHEST)))


def weight_scales(step: Step, input_scale: Scale) -> np.ndarray:
    """One scale for each output channel, symmetric; float32 [out].

    Ternary weights are -1, 0 and 1 times it, others reach from -127 to 127. The second bound
    keeps |bias| / (input scale * weight scale) below 2^30 where a channel has next to no weights
    left.
    """
    assert step.weights is not None and step.bias is not None
    largest = step.weights.detach().abs().flatten(1).max(1).values.double().numpy()
    bias = step.bias.detach().abs().double().numpy()
    bound = bias / (float(input_scale.scale) * 2**30)
    if step.ternary:
        return np.maximum(largest, 1e-12).astype(np.float32)
    return np.maximum(np.maximum(largest / 127, bound), 1e-12).astype(np.float32)
