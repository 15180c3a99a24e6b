"""The networks, and what each needs around it: preprocessing, classes, training settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from torch import Tensor, nn

from data import CIFAR_LABELS, FASHION_LABELS
from layers import Classifier, Pooled, Residual, Unit
from microbotnet import micro_bot_net

TOKEN = re.compile(r"([cdplrm])(\d+)(?:x(\d+))?(s?)(?:/(\d))?(?::(\d+))?")


def build(plan: str, channels: int, activation: str, classes: int = 10) -> nn.Sequential:
    """A network from its plan, words with kernel K, stride S (1 if left out) and N channels:

    cK/S:N    convolution               dK/S      depthwise convolution
    pN        pointwise convolution     lN        the same without an activation
    rKxGs/S:N residual block: grown G times by a pointwise convolution first if G is there,
              s for squeeze-excite
    mN        convolution and max pool, then another convolution, for teachers
    and a classifier at the end. Every convolution has a batch norm, and an activation behind it.
    """
    modules: list[nn.Module] = []
    for word in plan.split():
        match = TOKEN.fullmatch(word)
        if match is None:
            raise ValueError(f"got {word!r} in a plan, expected a word like c3/2:16 or r5s")
        kind, first, growth, excite, stride, n = match.groups()
        k, step = int(first), int(stride or 1)
        outputs = k if kind in "plm" else int(n or channels)
        if kind == "c":
            modules.append(Unit(channels, outputs, k, step, activation=activation))
        elif kind == "d":
            modules.append(Unit(channels, channels, k, step, channels, activation))
        elif kind in "pl":
            after = activation if kind == "p" else "none"
            modules.append(Unit(channels, outputs, activation=after))
        elif kind == "m":
            modules.append(Pooled(channels, outputs, activation))
        else:
            grown = int(growth or 1)
            block = Residual(channels, k, activation, excite == "s", grown, step, outputs)
            modules.append(block)
        channels = outputs
    return nn.Sequential(*modules, Classifier(channels, classes))


@dataclass(frozen=True)
class Recipe:
    """A network and the settings that made it. Pixels become (pixel - mean) / std.

    mean is whole and std a power of two, so that an int8 input with scale 1 / std holds the very
    pixels; the first batch norm makes up for the rest. Mean 0 keeps padding black.
    """

    key: str  # in RECIPES
    name: str
    data: str  # the data set: cifar10 or fashion
    plan: str
    activation: str
    size: int
    channels: int
    mean: int
    std: int
    labels: list[str]
    epochs: int
    rate: float
    pad: int  # crops are drawn from pictures padded by this much
    tuning: int  # epochs of fine-tuning in int8

    def build(self) -> nn.Sequential:
        if self.plan == "microbotnet":
            return micro_bot_net()
        return build(self.plan, self.channels, self.activation, len(self.labels))

    def prepare(self, pixels: Tensor) -> Tensor:
        """uint8 NHWC to float32 NCHW, channels last in memory."""
        return pixels.permute(0, 3, 1, 2).float().sub_(self.mean).div_(self.std)


CIFAR = Recipe(
    key="cifar10",
    name="cifar10",
    data="cifar10",
    plan="c3/2:16 d3 d3/2 p40 r5s r5s d5/2 p96 r5s r5s",
    activation="hardswish",
    size=32,
    channels=3,
    mean=128,
    std=64,
    labels=CIFAR_LABELS,
    epochs=100,
    rate=0.15,
    pad=4,
    tuning=4,
)
FASHION = Recipe(
    key="fashion",
    name="fashion-mnist",
    data="fashion",
    plan="c3/2:16 d3 d3/2 p64 r5s r5s d5/2 p96 r5s",
    activation="relu",
    size=28,
    channels=1,
    mean=0,
    std=128,
    labels=FASHION_LABELS,
    epochs=60,
    rate=0.1,
    pad=2,
    tuning=0,
)
MOTE = replace(CIFAR, activation="hardswish6", epochs=300, tuning=4)
MOTES = {
    "mote-l": CIFAR.plan,
    "mote-m": "c3/2:12 d3 d3/2 p32 r5s d5/2 p64 r5s r5s",
    "mote-s": "c3/2:8 d3 d3/2 p24 r5s d5/2 p40 r5s r5s",
}
TEACHER = "c3:24 m64 m192 m256"
RECIPES = {
    recipe.key: recipe
    for recipe in [
        CIFAR,
        FASHION,
        *[replace(MOTE, key=key, name=key, plan=plan) for key, plan in MOTES.items()],
        replace(CIFAR, key="microbotnet", name="microbotnet", plan="microbotnet", epochs=200),
        replace(CIFAR, key="teacher", name="teacher", plan=TEACHER, activation="relu"),
    ]
}
