"""Weights of three values in training."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.utils import parametrize

SMALLEST = 0.015  # share of all weights; a layer below it stays int8
FIRST = 2  # so many layers stay int8 too: what they lose is lost to all that follow


class Ternary(nn.Module):
    """-a, 0 and a, with one a for each output channel.

    Threshold 0.7 of the mean magnitude, a the mean beyond it (Li et al., arXiv 1605.04711).

    Gradients go straight through to the latent weights, but not into a: under a batch norm a has
    no effect, and elsewhere it follows the latent weights.
    """

    def forward(self, latent: Tensor) -> Tensor:
        codes, scale = ternarized(latent.detach())
        return codes * scale + (latent - latent.detach())  # the difference is 0, exactly


class Trained(nn.Module):
    """Trained Ternary Quantization (Zhu et al., arXiv 1612.01064): -n, 0 and p, both trained.

    One n and one p a layer, threshold 0.05 of the largest magnitude. An engine adds up the inputs
    of positive and of negative weights apart, twice the sums of one magnitude.
    """

    def __init__(self, latent: Tensor) -> None:
        super().__init__()
        self.positive, self.negative = (nn.Parameter(torch.ones(())) for _ in range(2))
        self.fit(latent.detach())

    def fit(self, latent: Tensor) -> None:
        self.positive.data.copy_(latent.clamp(min=0).sum() / (latent > 0).sum().clamp(min=1))
        self.negative.data.copy_(-latent.clamp(max=0).sum() / (latent < 0).sum().clamp(min=1))

    def forward(self, latent: Tensor) -> Tensor:
        return _Trained.apply(latent, self.positive, self.negative)


class _Trained(Function):
    @staticmethod
    def forward(ctx: Any, latent: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        threshold = 0.05 * latent.abs().max()
        above, below = latent > threshold, latent < -threshold
        ctx.save_for_backward(above, below, positive, negative)
        return above * positive - below * negative

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        above, below, positive, negative = ctx.saved_tensors
        share = torch.where(above, positive, torch.where(below, negative, torch.ones(())))
        return gradient * share, (gradient * above).sum(), -(gradient * below).sum()


def ternarized(latent: Tensor) -> tuple[Tensor, Tensor]:
    """Codes -1, 0, 1 of the shape of `latent`, and the scale of each output channel."""
    flat = latent.flatten(1)
    size = flat.abs()
    codes = torch.where(size > 0.7 * size.mean(1, keepdim=True), flat.sign(), torch.zeros(()))
    scale = (codes * flat).sum(1) / codes.abs().sum(1).clamp(min=1)
    shape = [-1] + [1] * (latent.dim() - 1)
    return codes.view_as(latent), scale.view(shape)


def codes_of(weights: Tensor) -> Tensor | None:
    """-1, 0 and 1 where each output channel has a single magnitude beside 0, else None."""
    size = weights.abs()
    largest = size.amax(tuple(range(1, weights.dim())), keepdim=True)
    return weights.sign() if bool(((size == 0) | (size == largest)).all()) else None


def ternary_layers(net: nn.Module) -> list[str]:
    """Large layers whose windows are a single pixel, pointwise and squeeze-excite, but the first.

    Alone and untrained, with 1,536 and 1,024 weights, those of mote-l cost 5.8 and 2.4 points; the
    20,608 weights behind them cost 10.8, layer by layer.
    """
    layers = {n: m for n, m in net.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))}
    least = SMALLEST * sum(layer.weight.numel() for layer in layers.values())
    large = [
        name
        for name, layer in layers.items()
        if isinstance(layer, nn.Conv2d)
        and layer.kernel_size == (1, 1)
        and layer.weight.numel() >= least
    ]
    return large[FIRST:]


def make_ternary(net: nn.Module, kind: str = "channel") -> None:
    """`kind` is "channel" for Ternary or "ttq" for Trained."""
    for name in ternary_layers(net):
        layer = net.get_submodule(name)
        weights = Ternary() if kind == "channel" else Trained(layer.weight)
        parametrize.register_parametrization(layer, "weight", weights)


def fit_magnitudes(net: nn.Module) -> None:
    """Those of Trained weights, from the latent ones they begin with."""
    for module in net.modules():
        if parametrize.is_parametrized(module, "weight"):
            weights = module.parametrizations.weight
            if isinstance(weights[0], Trained):
                weights[0].fit(weights.original.detach())


def settle(net: nn.Module) -> None:
    """Leaves the ternary weights in place of the latent ones."""
    for module in net.modules():
        if parametrize.is_parametrized(module):
            parametrize.remove_parametrizations(module, "weight")
