"""The two networks, and what each needs around it: preprocessing, classes, training settings."""

from __future__ import annotations

from dataclasses import dataclass
from collections.abc import Callable

from torch import Tensor, nn

from data import CIFAR_LABELS, FASHION_LABELS


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

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, inner, 1)
        self.expand = nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean((2, 3), keepdim=True)
        return x * nn.functional.hardsigmoid(self.expand(self.reduce(mean).relu()))


class Residual(nn.Module):
    """input + pointwise(squeeze-excite(depthwise(input)))."""

    def __init__(self, channels: int, kernel: int, inner: int, activation: str) -> None:
        super().__init__()
        self.depthwise = Unit(channels, channels, kernel, 1, channels, activation)
        self.excite = SqueezeExcite(channels, inner)
        self.pointwise = Unit(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pointwise(self.excite(self.depthwise(x)))


class Classifier(nn.Module):
    """Global average pool, then one fully connected layer."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.mean((2, 3)))


def cifar_net() -> nn.Sequential:
    """991,360 MACs: 8x8 and 4x4 maps with squeeze-excite, hard-swish throughout."""
    act = "hardswish"
    return nn.Sequential(
        Unit(3, 16, 3, 2, activation=act),
        Unit(16, 16, 3, 1, 16, act),
        Unit(16, 16, 3, 2, 16, act),
        Unit(16, 40, activation=act),
        Residual(40, 5, 10, act),
        Residual(40, 5, 10, act),
        Unit(40, 40, 5, 2, 40, act),
        Unit(40, 96, activation=act),
        Residual(96, 5, 24, act),
        Residual(96, 5, 24, act),
        Classifier(96, 10),
    )


def fashion_net() -> nn.Sequential:
    """991,312 MACs: the same plan on 14x14, 7x7 and 4x4 maps, with ReLU."""
    act = "relu"
    return nn.Sequential(
        Unit(1, 16, 3, 2, activation=act),
        Unit(16, 16, 3, 1, 16, act),
        Unit(16, 16, 3, 2, 16, act),
        Unit(16, 64, activation=act),
        Residual(64, 5, 16, act),
        Residual(64, 5, 16, act),
        Unit(64, 64, 5, 2, 64, act),
        Unit(64, 96, activation=act),
        Residual(96, 5, 24, act),
        Classifier(96, 10),
    )


@dataclass(frozen=True)
class Recipe:
    """A network and the settings that made it. Pixels become (pixel - mean) / std.

    mean is whole and std a power of two, so that an int8 input with scale 1 / std holds the very
    pixels; the first batch norm makes up for the rest. Mean 0 keeps padding black.
    """

    name: str
    build: Callable[[], nn.Sequential]
    size: int
    channels: int
    mean: int
    std: int
    labels: list[str]
    epochs: int
    rate: float
    pad: int  # crops are drawn from pictures padded by this much
    tuning: int  # epochs of fine-tuning in int8

    def prepare(self, pixels: Tensor) -> Tensor:
        """uint8 NHWC to float32 NCHW, channels last in memory."""
        return pixels.permute(0, 3, 1, 2).float().sub_(self.mean).div_(self.std)


RECIPES = {
    "cifar10": Recipe(
        name="cifar10",
        build=cifar_net,
        size=32,
        channels=3,
        mean=128,
        std=64,
        labels=CIFAR_LABELS,
        epochs=100,
        rate=0.15,
        pad=4,
        tuning=4,
    ),
    "fashion": Recipe(
        name="fashion-mnist",
        build=fashion_net,
        size=28,
        channels=1,
        mean=0,
        std=128,
        labels=FASHION_LABELS,
        epochs=60,
        rate=0.15,
        pad=2,
        tuning=0,
    ),
}
