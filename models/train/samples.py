"""Writes models/samples: the first test pictures of each Fashion-MNIST class, as PNG.

    python3 models/train/samples.py

The first of every class and the first two besides, so that none is chosen by its result.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from data import FASHION_LABELS, read

COUNT = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    default = Path(__file__).resolve().parent.parent / "samples"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args()

    test = read(options.data, "test")
    labels = test.labels.tolist()
    first = [labels.index(c) for c in range(len(FASHION_LABELS))]
    others = [i for i in range(len(labels)) if i not in first]
    chosen = sorted(first + others[: COUNT - len(first)])

    options.out.mkdir(parents=True, exist_ok=True)
    rows = ["file,class"]
    for number, index in enumerate(chosen):
        name = FASHION_LABELS[labels[index]].lower().replace("/", "-").replace(" ", "-")
        file = f"{number:02}-{name}.png"
        Image.fromarray(test.images[index, :, :, 0], "L").save(options.out / file)
        rows.append(f"{file},{labels[index]}")
    (options.out / "labels.csv").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
