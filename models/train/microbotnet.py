"""MicroBotNet x0.32, the prior work's own network, as its released checkpoint has it."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from layers import SqueezeExcite, Unit

# kernel, expanded channels, outputs, squeeze-excite, activation, stride
BLOCKS = [
    (3, 24, 8, False, "relu", 2),
    (5, 32, 16, True, "hardswish", 2),
    (5, 80, 16, True, "hardswish", 1),
    (5, 40, 16, True, "hardswish", 1),
    (5, 48, 16, True, "hardswish", 1),
    (5, 96, 32, True, "hardswish", 2),
    *[(5, 184, 32, True, "hardswish", 1)] * 4,
]


class Block(nn.Module):
    """An inverted residual whose squeeze-excite stands before the activation."""

    def __init__(
        self, inputs: int, kernel: int, wide: int, outputs: int, excite: bool, act: str, stride: int
    ) -> None:
        super().__init__()
        self.expand = Unit(inputs, wide, activation=act)
        self.depthwise = Unit(wide, wide, kernel, stride, wide)
        self.excite = SqueezeExcite(wide, wide // 4, bias=False) if excite else nn.Identity()
        self.activation = nn.ReLU() if act == "relu" else nn.Hardswish()
        self.project = Unit(wide, outputs)
        self.sums = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.activation(self.excite(self.depthwise(self.expand(x))))
        return x + self.project(y) if self.sums else self.project(y)


def micro_bot_net() -> nn.Sequential:
    """782,368 MACs and 234,250 parameters, batch norms folded."""
    blocks, channels = [], 8
    for kernel, wide, outputs, excite, act, stride in BLOCKS:
        blocks.append(Block(channels, kernel, wide, outputs, excite, act, stride))
        channels = outputs
    return nn.Sequential(
        OrderedDict(
            first=Unit(3, 8, 3, 2, activation="hardswish"),
            blocks=nn.Sequential(*blocks),
            last=Unit(channels, 56, activation="hardswish"),
            pool=nn.AdaptiveAvgPool2d(1),
            wide=nn.Conv2d(56, 1024, 1, bias=False),
            activation=nn.Hardswish(),
            flatten=nn.Flatten(),
            dropout=nn.Dropout(0.2),
            linear=nn.Linear(1024, 10),
        )
    )
