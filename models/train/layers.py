"""The modules that networks are made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class HardSwish6(nn.Module):
    """Hard-swish that ends at 6, so that int8 has steps of 1/40 however a batch norm scales it."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.hardswish(x).clamp(max=6.0)


ACTIVATIONS: dict[str, type[nn.Module]] = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "hardswish": nn.Hardswish,
    "hardswish6": HardSwish6,
}


class Unit(nn.Sequential):
    """Convolution, batch norm, activation. Padding keeps the size, or halves it at stride 2."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        activation: str = "none",
    ) -> None:
        self.activation = activation
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        super().__init__(conv, nn.BatchNorm2d(outputs), ACTIVATIONS[activation]())


class SqueezeExcite(nn.Module):
    """input * gate, where the gate of each channel comes from the mean of all of them."""

    def __init__(self, channels: int, inner: int, bias: bool = True) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, inner, 1, bias=bias)
        self.expand = nn.Conv2d(inner, channels, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean((2, 3), keepdim=True)
        return x * nn.functional.hardsigmoid(self.expand(self.reduce(mean).relu()))


class Residual(nn.Module):
    """input + pointwise(squeeze-excite(depthwise(expand(input)))).

    Where wide is None there is no expand, and without excite no squeeze-excite, whose inner layer
    has a quarter of the channels. A change of size or channels leaves out the sum.
    """

    def __init__(
        self,
        channels: int,
        kernel: int,
        activation: str,
        excite: bool = False,
        wide: int | None = None,
        stride: int = 1,
        outputs: int | None = None,
    ) -> None:
        super().__init__()
        outputs = outputs or channels
        self.expand = Unit(channels, wide, activation=activation) if wide else None
        wide = wide or channels
        self.depthwise = Unit(wide, wide, kernel, stride, wide, activation)
        self.excite = SqueezeExcite(wide, wide // 4) if excite else None
        self.pointwise = Unit(wide, outputs)
        self.sums = stride == 1 and channels == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.depthwise(x if self.expand is None else self.expand(x))
        y = self.pointwise(y if self.excite is None else self.excite(y))
        return x + y if self.sums else y


class Pooled(nn.Sequential):
    """Half the size: convolution, max pool and another convolution, after Jordan (arXiv 2404.00498)."""

    def __init__(self, inputs: int, outputs: int, activation: str) -> None:
        first, second = (Unit(n, outputs, 3, activation=activation) for n in (inputs, outputs))
        first.insert(1, nn.MaxPool2d(2))
        super().__init__(first, second)


class Fire(nn.Module):
    """Pointwise to an eighth, then half of the outputs by 1x1 and half by 3x3 (arXiv 1602.07360)."""

    def __init__(self, inputs: int, outputs: int, activation: str) -> None:
        super().__init__()
        self.squeeze = Unit(inputs, outputs // 8, activation=activation)
        self.one = Unit(outputs // 8, outputs // 2, activation=activation)
        self.three = Unit(outputs // 8, outputs // 2, 3, activation=activation)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x)
        return torch.cat([part(x) for _, part in self.expands()], 1)

    def expands(self) -> list[tuple[str, Unit]]:
        return [("one", self.one), ("three", self.three)]


class Classifier(nn.Module):
    """Global average pool, a hidden layer with hard-swish if asked for, and a fully connected one."""

    def __init__(self, channels: int, classes: int, hidden: int = 0) -> None:
        super().__init__()
        self.hidden = nn.Linear(channels, hidden) if hidden else None
        self.linear = nn.Linear(hidden or channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = x.mean((2, 3))
        return self.linear(x if self.hidden is None else nn.functional.hardswish(self.hidden(x)))
