"""Draws docs/network-energy.svg: the networks of networks.csv by energy and accuracy.

    python3 models/train/plot.py

Needs matplotlib.
"""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib.pyplot as plt

from drawing import INK, INT8, OTHER, PALE, ROOT, TERNARY, save
from table import TABLE

NAMES = {
    "mote-l-20": "mote-l",
    "microbotnet": "MicroBotNet x0.32",
    "mobilenet-v1-0.25": "MobileNetV1 0.25",
    "mobilenet-v2-0.35": "MobileNetV2 0.35",
    "mobilenet-v3-small-0.5": "MobileNetV3-small 0.5",
    "fd-mobilenet-0.5": "FD-MobileNet 0.5",
}


def draw_energy(path: Path) -> None:
    with TABLE.open(newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    figure, axes = plt.subplots(figsize=(8, 5))

    def point(name: str, energy: str) -> tuple[float, float]:
        row = rows[name]
        return int(row[energy]) / 1000, 100 * int(row["right"]) / int(row["of"])

    for end, energy, colour in (("", "int8Nj", INT8), ("-ternary", "ternaryNj", TERNARY)):
        family = [point(f"mote-{size}{end}", energy) for size in "sml"]
        axes.plot(*zip(*family), "o-", color=colour, ms=7)
        for size, (x, y) in zip("sml", family):
            place = dict(xytext=(-8, 3) if end == "" else (8, -9), textcoords="offset points")
            side = "right" if end == "" else "left"
            axes.annotate(f"mote-{size}{end}", (x, y), color=colour, ha=side, fontsize=9, **place)
    for name, title in NAMES.items():
        x, y = point(name, "int8Nj")
        axes.plot(x, y, "o", color=OTHER, ms=7)
        text = f"{title}, {rows[name]['epochs']} epochs"
        place = dict(xytext=(0, 8), textcoords="offset points", ha="center")
        axes.annotate(text, (x, y), color=INK, fontsize=9, **place)
    axes.axvline(1, color=OTHER, lw=1, ls=(0, (3, 3)))
    axes.set_xscale("log")
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(0.1, 16)
    axes.grid(axis="y", color=PALE)
    axes.set_axisbelow(True)
    axes.set_xlabel("energy of a forward pass, µJ (45 nm, arithmetic and memory, modelled)")
    axes.set_ylabel("validation pictures right, %")
    save(figure, path, "Networks by energy and accuracy")


if __name__ == "__main__":
    draw_energy(ROOT / "docs" / "network-energy.svg")
