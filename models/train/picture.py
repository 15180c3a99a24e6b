"""Draws docs/network.svg: the layers of models/mote-l.onnx and the energy of each.

    python3 models/train/picture.py

Needs `npm run build`, and matplotlib.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from drawing import INT8, OTHER, ROOT, TERNARY, save
from engine import ask
from nets import CIFAR, TOKEN


@dataclass
class Layer:
    """A word of the plan."""

    title: str
    side: int  # of its output map, pixels
    channels: int
    residual: bool
    ternary: bool
    nj: tuple[float, float]  # of the int8 file and of the one with ternary layers


def layers() -> list[Layer]:
    files = [ROOT / "models" / f"mote-l{end}.onnx" for end in ("", "-ternary")]
    reports = [_by_word(ask("energy", file)["layers"]) for file in files]
    side, channels, found = CIFAR.size, CIFAR.channels, []
    for number, word in enumerate(CIFAR.plan.split()):
        match = TOKEN.fullmatch(word)
        if match is None:  # an activation, which belongs to the layer before it
            continue
        kind, k, _, excite, stride, n = match.groups()
        side //= int(stride or 1)
        channels = int(k) if kind in "pl" else int(n or channels)
        title = {
            "c": f"conv {k}x{k}",
            "p": "1x1",
            "l": "1x1 linear",
            "d": f"depthwise {k}x{k}",
            "r": f"depthwise {k}x{k}{', SE' if excite else ''}\n1x1",
        }[kind] + (f" /{stride}" if stride else "")
        costs = [report[str(number)] for report in reports]
        nj = (costs[0].nj, costs[1].nj)
        found.append(Layer(title, side, channels, kind == "r", costs[1].ternary, nj))
    ends = [report["end"] for report in reports]
    nj = (ends[0].nj, ends[1].nj)
    return [*found, Layer("mean,\nclassifier", 1, len(CIFAR.labels), False, False, nj)]


@dataclass
class Cost:
    nj: float = 0.0
    ternary: bool = False


def _by_word(report: list[dict]) -> dict[str, Cost]:
    """What the words take: names of layers start as conv3, block4 or hardswish11."""
    costs: dict[str, Cost] = {}
    last = "end"
    for layer in report:
        match = re.match(r"(conv|block)(\d+)", layer["name"])
        if match:
            last = match[2]
        elif not layer["name"].startswith("hardswish"):
            last = "end"
        cost = costs.setdefault(last, Cost())
        cost.nj += layer["energyPj"]["total"] / 1000
        cost.ternary |= layer["macs"]["ternary"] > 0
    return costs


def draw_network(path: Path) -> None:
    drawn = layers()
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(10, 5.6), sharex=True, gridspec_kw={"height_ratios": [3, 2], "hspace": 0.5}
    )
    _draw_maps(top, drawn)
    for i, layer in enumerate(drawn):
        for shift, nj, colour in zip((-0.19, 0.19), layer.nj, (INT8, TERNARY)):
            bottom.bar(i + shift, nj, 0.36, color=colour)
            bottom.text(i + shift, nj + 2, f"{nj:.0f}", ha="center", va="bottom", fontsize=8)
    highest = max(max(layer.nj) for layer in drawn)
    totals = [sum(layer.nj[i] for layer in drawn) for i in (0, 1)]
    for x, total, colour, name in zip((-0.38, 2.2), totals, (INT8, TERNARY), ("int8", "ternary")):
        bottom.text(x, 1.2 * highest, f"{name}: {total:.0f} nJ a picture", color=colour)
    bottom.set_ylabel("nJ")
    bottom.set_xticks([])
    bottom.set_ylim(0, 1.25 * highest)
    save(figure, path, "Layers of mote-l, and the energy of each")


def _draw_maps(axes: Axes, drawn: list[Layer]) -> None:
    for i, layer in enumerate(drawn):
        height = max(1.2, layer.side)
        width = 0.1 + 0.75 * layer.channels / 100
        colour = TERNARY if layer.ternary else INT8
        axes.add_patch(Rectangle((i - width / 2, -height / 2), width, height, color=colour))
        size = f"{layer.side}x{layer.side}x{layer.channels}" if layer.side > 1 else "10"
        axes.text(i, height / 2 + 0.7, size, ha="center", va="bottom", fontsize=8)
        title = layer.title.replace("depthwise ", "depthwise\n").replace("1x1 l", "1x1\nl")
        axes.text(i, -9.2, title, ha="center", va="top", fontsize=8, linespacing=1.25)
        if i > 0:
            before = drawn[i - 1]
            left = i - 1 + 0.05 + 0.375 * before.channels / 100
            right = i - 0.05 - 0.375 * layer.channels / 100
            arrow = dict(arrowstyle="-|>", mutation_scale=8, color=OTHER, lw=1)
            axes.add_patch(FancyArrowPatch((left, 0), (right, 0), shrinkA=1, shrinkB=1, **arrow))
            if layer.residual:
                bend = dict(connectionstyle="arc3,rad=-0.5", **{**arrow, "ls": (0, (3, 2))})
                start, end = (i - 1, before.side / 2 + 3), (i, layer.side / 2 + 3)
                axes.add_patch(FancyArrowPatch(start, end, **bend))
    right = len(drawn) - 0.5
    axes.text(right, 12.2, "weights of 8 bits", color=INT8, ha="right", va="top")
    text = "weights -1, 0 and 1 in the ternary file"
    axes.text(right, 10.2, text, color=TERNARY, ha="right", va="top")
    axes.set_xlim(-0.6, len(drawn) - 0.4)
    axes.set_ylim(-9, 12.5)
    axes.axis("off")


if __name__ == "__main__":
    draw_network(ROOT / "docs" / "network.svg")
