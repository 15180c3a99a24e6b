"""Weights of three values in training: -a, 0 and a, with one a for each output channel."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

SMALLEST = 0.04  # share of all weights; a layer below it stays int8


class Ternary(nn.Module):
    """Threshold 0.7 of the mean magnitude, a the mean beyond it (Li et al., arXiv 1605.04711).

    Gradients go straight through to the latent weights, but not into a: under a batch norm a has
    no effect, and elsewhere it follows the latent weights.
    """

    def forward(self, latent: Tensor) -> Tensor:
        codes, scale = ternarized(latent.detach())
        return codes * scale + (latent - latent.detach())  # the difference is 0, exactly


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
    """Large layers whose windows are a single pixel: pointwise and squeeze-excite ones."""
    layers = {n: m for n, m in net.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear))}
    least = SMALLEST * sum(layer.weight.numel() for layer in layers.values())
    return [
        name
        for name, layer in layers.items()
        if isinstance(layer, nn.Conv2d)
        and layer.kernel_size == (1, 1)
        and layer.weight.numel() >= least
    ]


def make_ternary(net: nn.Module) -> None:
    for name in ternary_layers(net):
        parametrize.register_parametrization(net.get_submodule(name), "weight", Ternary())


def settle(net: nn.Module) -> None:
    """Leaves the ternary weights in place of the latent ones."""
    for module in net.modules():
        if parametrize.is_parametrized(module):
            parametrize.remove_parametrizations(module, "weight")
