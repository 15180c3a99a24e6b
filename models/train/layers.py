"""The modules that networks are made of."""

from __future__ import annotations

from torch import Tensor, nn


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
        acts = {"none": nn.Identity, "relu": nn.ReLU, "hardswish": nn.Hardswish}
        super().__init__(conv, nn.BatchNorm2d(outputs), acts[activation]())


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

    Without growth there is no expand, and without excite no squeeze-excite, whose inner layer has
    a quarter of the channels. A change of size or channels leaves out the sum.
    """

    def __init__(
        self,
        channels: int,
        kernel: int,
        activation: str,
        excite: bool = False,
        growth: int = 1,
        stride: int = 1,
        outputs: int | None = None,
    ) -> None:
        super().__init__()
        wide = channels * growth
        outputs = outputs or channels
        self.expand = Unit(channels, wide, activation=activation) if growth > 1 else None
        self.depthwise = Unit(wide, wide, kernel, stride, wide, activation)
        self.excite = SqueezeExcite(wide, wide // 4) if excite else None
        self.pointwise = Unit(wide, outputs)
        self.sums = stride == 1 and channels == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.depthwise(x if self.expand is None else self.expand(x))
        y = self.pointwise(y if self.excite is None else self.excite(y))
        return x + y if self.sums else y


class Basic(nn.Module):
    """The block of ResNets, for teachers: relu(shortcut + conv(relu(conv)))."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = Unit(inputs, outputs, 3, stride, activation="relu")
        self.second = Unit(outputs, outputs, 3)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else Unit(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return (self.second(self.first(x)) + self.shortcut(x)).relu()


class Classifier(nn.Module):
    """Global average pool, then one fully connected layer."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.mean((2, 3)))
