"""Chooses the scale and zero point of every tensor, in uint8, from what calibration pictures give."""

from __future__ import annotations

from dataclasses import dataclass
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nets import Recipe
from steps import INPUT, Step, run

LOWEST, HIGHEST = 0, 255
# Shares of the values that may saturate at each end.
CUT = (0.0, 1e-5, 1e-4, 5e-4, 1e-3, 2e-3, 5e-3)


# Hard-swish and what hangs on it in 16 bits: with SWISHED steps up to 3, the product of the input
# and its gate is 128 steps of the result to a step, where none of the 256 lies on a tie against it.
SWISHED = 88


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


STEP = 3 / SWISHED
BEFORE_SWISH = Scale(np.float32(STEP), LOWEST + SWISHED)
SWISH = Scale(np.float32(STEP**2 * 128 / 6 * (1 - 2e-6)), LOWEST + 15)
GATE = Scale(np.float32(1 / 256), LOWEST)


def calibrate(steps: Sequence[Step], images: Tensor, recipe: Recipe) -> dict[str, Scale]:
    """A scale for each tensor that is quantized: all but what a Relu reads.

    A Relu in front of a QuantizeLinear is the clamp of the output type, so nothing is rounded
    between it and the convolution before it. Of the ranges that cut off more or less of a tensor,
    the one wins that moves the logits least when this tensor alone is rounded. The error of the
    tensor itself is no guide: one channel with long tails would cost all others their precision.
    """
    unrounded = {s.inputs[0] for s in steps if s.op == "Relu"}
    known, sums = known_scales(steps), summed(steps)
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
                choices = candidates(values[name])
                if name in sums:
                    inputs = [scales[i].scale for i in step.inputs] if step.op == "Add" else [0]
                    choices = [doubled(scale, max(inputs)) for scale in choices]
                scales[name] = min(choices, key=lambda scale: error(name, scale))
    return scales


def known_scales(steps: Sequence[Step]) -> dict[str, Scale]:
    """Those of hard activations, of what they read, and of products with a gate.

    All their ranges are set beforehand. Below -3 hard-sigmoid and hard-swish give 0, and above 3 or
    the limit the largest value: what saturates there makes no difference.
    """
    scales = {}
    for step in steps:
        if step.op == "HardSigmoid":
            scales[step.inputs[0]], scales[step.name] = span(-3.0, 3.0), GATE
        elif step.op == "HardSwish" and step.limit is not None:
            scales[step.inputs[0]], scales[step.name] = BEFORE_SWISH, SWISH
        elif step.op == "Mul" and step.inputs[0] in scales:
            scales[step.name] = scales[step.inputs[0]]
    return scales


def summed(steps: Sequence[Step]) -> set[str]:
    """Sums of residuals and what they add up."""
    adds = [step for step in steps if step.op == "Add"]
    return {name for step in adds for name in (step.name, *step.inputs)}


def doubled(scale: Scale, least: np.float32) -> Scale:
    """A range around that of `scale`, whose step is that of SWISH times a power of two."""
    wanted = max(float(scale.scale), float(least)) / float(SWISH.scale)
    step = np.float32(SWISH.scale * 2.0 ** np.ceil(np.log2(wanted) - 1e-6))
    centre = (LOWEST + HIGHEST) / 2
    middle = (centre - scale.zero_point) * float(scale.scale)
    zero_point = round(centre - middle / float(step))
    return Scale(step, int(np.clip(zero_point, LOWEST, HIGHEST)))


def pixel_scale(recipe: Recipe) -> Scale:
    """The quantized input is the pixels themselves, without any rounding."""
    return Scale(np.float32(1 / recipe.std), recipe.mean)


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
    steps = largest if step.ternary else largest / 127
    return np.maximum(np.maximum(steps, bound), 1e-12).astype(np.float32)
