"""SGD whose steps for matrices are orthogonal, so that no direction of one is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.9
MATRIX_MOMENTUM = 0.95
MATRIX_SHARE = 0.2  # of the rate of all else
# Of the weights, each step, as a share of the rate.
DECAY = 3e-4
MATRIX_DECAY = 1.5e-3
# Pulls singular values towards 1, quickly rather than exactly.
QUINTIC = (3.4445, -4.7750, 2.0315)
ROUNDS = 5


class Muon(torch.optim.Optimizer):
    """Matrices are the full and pointwise convolutions; the rest gets SGD with Nesterov momentum.

    K. Jordan, Muon: an optimizer for hidden layers in neural networks, 2024.
    """

    def __init__(self, net: nn.Module, rate: float) -> None:
        everything = list(net.parameters())
        matrices = [p for p in everything if p.dim() == 4 and p.shape[1] > 1]
        taken = {id(p) for p in matrices}
        others = [p for p in everything if id(p) not in taken]
        # Decay pulls on weights only, not on biases and batch norms.
        groups = [
            {"params": matrices, "matrix": True, "share": MATRIX_SHARE, "decay": MATRIX_DECAY},
            {"params": [p for p in others if p.dim() > 1], "decay": DECAY},
            {"params": [p for p in others if p.dim() <= 1], "decay": 0.0},
        ]
        super().__init__(groups, {"lr": rate, "matrix": False, "share": 1.0, "decay": 0.0})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:
        assert closure is None
        for group in self.param_groups:
            weights = [p for p in group["params"] if p.grad is not None]
            gradients = [p.grad for p in weights]
            rate, matrix = group["lr"] * group["share"], group["matrix"]
            if not matrix:
                gradients = torch._foreach_add(gradients, weights, alpha=group["decay"])
            moments = [self._moment(p) for p in weights]
            momentum = MATRIX_MOMENTUM if matrix else MOMENTUM
            torch._foreach_mul_(moments, momentum)
            torch._foreach_add_(moments, gradients)
            steps = list(torch._foreach_add(gradients, moments, alpha=momentum))
            if matrix:
                steps = [orthogonal(s.flatten(1)).view_as(s) for s in steps]
                torch._foreach_mul_(weights, 1 - rate * group["decay"])
            torch._foreach_add_(weights, steps, alpha=-rate)

    def _moment(self, weight: Tensor) -> Tensor:
        state = self.state[weight]
        if "moment" not in state:
            state["moment"] = torch.zeros_like(weight)
        return state["moment"]


def orthogonal(matrix: Tensor) -> Tensor:
    """About the nearest matrix with singular values of 1, larger where it has more rows."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.t() if tall else matrix
    x = x / (x.norm() + 1e-7)
    a, b, c = QUINTIC
    for _ in range(ROUNDS):
        square = x @ x.t()
        x = a * x + (b * square + c * square @ square) @ x
    return x.t() * (matrix.shape[0] / matrix.shape[1]) ** 0.5 if tall else x
