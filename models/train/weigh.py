"""What plans cost before any training: MACs, parameters, and energy by this engine.

    python3 models/train/weigh.py PLAN [PLAN ...]

Energy is that of `microjoule energy`, at 45 nm with every datum moved once, in nJ, of the int8
network and of the one with ternary layers. Needs `npm run build`.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx
import torch

from engine import ask
from nets import CIFAR, Recipe
from scales import Scale, pixel_scale, span
from steps import INPUT, Step, fold
from ternary import make_ternary, settle
from write_onnx import make_model


@dataclass(frozen=True)
class Weight:
    macs: int
    int8_bytes: int  # of weights, biases and scales
    ternary_bytes: int
    int8_nj: int
    ternary_nj: int


def weigh(recipe: Recipe) -> Weight:
    int8, ternary = (_report(recipe, ternary) for ternary in (False, True))
    sizes = [report["bytes"]["parameterBytes"] for report in (int8, ternary)]
    energies = [round(report["energyPj"]["total"] / 1000) for report in (int8, ternary)]
    return Weight(int8["macs"]["nominal"], *sizes, *energies)


def _report(recipe: Recipe, ternary: bool) -> dict[str, Any]:
    net = recipe.build().eval()
    if ternary:
        make_ternary(net)
        settle(net)
    steps = fold(net)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        onnx.save(make_model(steps, _any_scales(steps, recipe), recipe), str(path))
        return ask("energy", path)


def _any_scales(steps: list[Step], recipe: Recipe) -> dict[str, Scale]:
    """Energy does not depend on them."""
    unrounded = {s.inputs[0] for s in steps if s.op == "Relu"}
    scales = {INPUT: pixel_scale(recipe)}
    for step in steps:
        if step.op == "Flatten":
            scales[step.name] = scales[step.inputs[0]]
        elif step.name not in unrounded:
            scales[step.name] = span(0.0, 1.0) if step.op == "HardSigmoid" else span(-1.0, 1.0)
    return scales


if __name__ == "__main__":
    torch.manual_seed(1)
    for plan in sys.argv[1:]:
        print(weigh(replace(CIFAR, plan=plan)), plan)
