"""The networks, and what each needs around it: preprocessing, classes, training settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from torch import Tensor, nn

from data import CIFAR_LABELS, FASHION_LABELS
from layers import ACTIVATIONS, Classifier, Fire, Pooled, Residual, Unit
from microbotnet import micro_bot_net

TOKEN = re.compile(r"([cdplrmfh])(\d+)(?:x(\d+))?(s?)(?:/(\d))?(?::(\d+))?")


def build(plan: str, channels: int, activation: str, classes: int = 10) -> nn.Sequential:
    """A network from its plan, words with kernel K, stride S (1 if left out) and N channels:

    cK/S:N    convolution               dK/S      depthwise convolution
    pN        pointwise convolution     lN        the same without an activation
    rKxWs/S:N residual block: grown to W channels by a pointwise convolution first if W is there,
              s for squeeze-excite
    fN        Fire, the block of SqueezeNet
    mN        convolution and max pool, then another convolution, for teachers
    a         an activation by itself
    hN        last word: a layer between the mean of the map and the classifier
    and a classifier at the end. Every convolution has a batch norm, and an activation behind it.
    """
    modules: list[nn.Module] = []
    hidden = 0
    for word in plan.split():
        if word == "a":
            modules.append(ACTIVATIONS[activation]())
            continue
        match = TOKEN.fullmatch(word)
        if match is None:
            raise ValueError(f"got {word!r} in a plan, expected a word like c3/2:16 or r5s")
        kind, first, wide, excite, stride, n = match.groups()
        k, step = int(first), int(stride or 1)
        outputs = k if kind in "plmf" else int(n or channels)
        if kind == "c":
            modules.append(Unit(channels, outputs, k, step, activation=activation))
        elif kind == "d":
            modules.append(Unit(channels, channels, k, step, channels, activation))
        elif kind in "pl":
            after = activation if kind == "p" else "none"
            modules.append(Unit(channels, outputs, activation=after))
        elif kind == "m":
            modules.append(Pooled(channels, outputs, activation))
        elif kind == "f":
            modules.append(Fire(channels, outputs, activation))
        elif kind == "h":
            hidden = k
        else:
            grown = int(wide) if wide else None
            block = Residual(channels, k, activation, excite == "s", grown, step, outputs)
            modules.append(block)
        channels = outputs
    return nn.Sequential(*modules, Classifier(channels, classes, hidden))


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
    mix: int = 0  # first epoch in which a teacher sees mixed pictures too

    def build(self) -> nn.Sequential:
        if self.plan == "microbotnet":
            return micro_bot_net()
        return build(self.plan, self.channels, self.activation, len(self.labels))

    def prepare(self, pixels: Tensor) -> Tensor:
        """uint8 NHWC to float32 NCHW, channels last in memory."""
        return pixels.permute(0, 3, 1, 2).float().sub_(self.mean).div_(self.std)


CIFAR = Recipe(
    key="mote-l",
    name="mote-l",
    data="cifar10",
    plan="c3/2:8 p48 d5/2 l32 r3s r3 r3 p80 d5/2 l80 r3s a",
    activation="hardswish6",
    size=32,
    channels=3,
    mean=128,
    std=64,
    labels=CIFAR_LABELS,
    epochs=300,
    rate=0.15,
    pad=4,
    mix=181,
)
FASHION = Recipe(
    key="fashion",
    name="fashion-mnist",
    data="fashion",
    plan="c3/2:16 p48 d5/2 l32 r3s r3 r3 p96 d5/2 l88 r3s a",
    activation="hardswish6",
    size=28,
    channels=1,
    mean=0,
    std=128,
    labels=FASHION_LABELS,
    epochs=120,
    rate=0.15,
    pad=2,
)
SHORTER = replace(CIFAR, epochs=100, mix=0)
MOTES = {
    "mote-l": CIFAR,
    "mote-m": replace(SHORTER, plan="c3/2:8 p24 d5/2 l24 r3s r3 p48 d5/2 l56 r3s a"),
    "mote-s": replace(SHORTER, plan="c3/2:8 p16 d5/2 l16 r3s p32 d5/2 l40 r3s a"),
}
# The prior work at 32x32, as the papers have them but for the number of classes.
PRIOR = {
    "mobilenet-v1-0.25": (
        "c3/2:8 d3 p16 d3/2 p32 d3 p32 d3/2 p64 d3 p64 d3/2 p128 d3 p128 d3 p128 d3 p128 d3 p128 "
        "d3 p128 d3/2 p256 d3 p256",
        "relu",
    ),
    "mobilenet-v2-0.35": (
        "c3/2:16 r3:8 r3x48/2:8 r3x48 r3x48/2:16 r3x96 r3x96 r3x96/2:24 r3x144 r3x144 r3x144 "
        "r3x144:32 r3x192 r3x192 r3x192/2:56 r3x336 r3x336 r3x336:112 p1280",
        "relu",
    ),
    "mobilenet-v3-small-0.5": (
        "c3/2:8 r3x8s/2:8 r3x40/2:16 r3x48 r5x48s/2:24 r5x120s r5x120s r5x64s r5x72s r5x144s/2:48 "
        "r5x288s r5x288s p288 h1024",
        "hardswish",
    ),
    "fd-mobilenet-0.5": (
        "c3/2:16 d3/2 p32 d3/2 p64 d3 p64 d3/2 p128 d3 p128 d3/2 p256 d3 p256 d3 p256 d3 p256 "
        "d3 p256 d3 p512",
        "relu",
    ),
}
TEACHER = "c3:24 m64 m192 m256"
RECIPES = {
    recipe.key: recipe
    for recipe in [
        FASHION,
        *[replace(recipe, key=key, name=key) for key, recipe in MOTES.items()],
        *[
            replace(CIFAR, key=key, name=key, plan=plan, activation=activation, epochs=20, mix=0)
            for key, (plan, activation) in PRIOR.items()
        ],
        replace(CIFAR, key="microbotnet", name="microbotnet", plan="microbotnet"),
        *[
            replace(recipe, key=key, name=key, plan=TEACHER, activation="relu", rate=0.1)
            for key, recipe in {"teacher": CIFAR, "fashion-teacher": FASHION}.items()
        ],
    ]
}
