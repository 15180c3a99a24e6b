"""Makes a small checkpoint for the repository of one that train.py wrote.

    python3 models/train/pack.py DIR/last.pt models/train/checkpoints/NAME.pt

The averaged weights in float16, without momentum: good for a teacher, for quantize.py, for --start,
and for --resume on the plateau, where a few steps bring the momentum back. --whole keeps all.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("to", type=Path)
    parser.add_argument("--whole", action="store_true", help="float32, and the momentum")
    options = parser.parse_args()

    state = torch.load(options.checkpoint, map_location="cpu")
    if not options.whole:
        del state["optimizer"]
        state["average"] = {key: _halved(value) for key, value in state["average"].items()}
        state["net"] = state["average"]
    options.to.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, options.to)
    print(f"{options.to}: {options.to.stat().st_size} bytes")


def _halved(value: torch.Tensor) -> torch.Tensor:
    return value.half() if value.is_floating_point() else value


if __name__ == "__main__":
    main()
