"""How the pictures of docs/ look. Needs matplotlib (Debian: python3-matplotlib)."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[2]
INT8, TERNARY, OTHER, INK, PALE = "#3b6fb6", "#d9772b", "#8a8f98", "#22262b", "#e4e7eb"
plt.rcParams.update(
    {
        "font.family": "sans-serif",
        "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
        "font.size": 10,
        "svg.fonttype": "none",
        "svg.hashsalt": "mote",
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)


def save(figure: Figure, path: Path, title: str) -> None:
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None, "Title": title})
    plt.close(figure)
