"""Writes models/photographs: a picture of each class of CIFAR-10 from packages of Debian.

    apt-get install python3-skimage tuxpaint-stamps-default
    python3 models/train/photographs.py

They were chosen before any network saw them. On white, square, at most 128 pixels wide.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from data import CIFAR_LABELS

SIZE = 128
MARGIN = 8
SKIMAGE = Path("/usr/lib/python3/dist-packages/skimage/data")
STAMPS = Path("/usr/share/tuxpaint/stamps")
CC0 = "CC0 1.0, photograph by Stefan van der Walt"
GPL = "GPL 2 or later, Copyright 2002-2022 Bill Kendrick and contributors of Tux Paint"
PICTURES = {
    "airplane": (STAMPS / "vehicles/flight/planes/747.png", GPL),
    "automobile": (STAMPS / "vehicles/auto/beetle.png", GPL),
    "bird": (STAMPS / "animals/birds/lark.png", GPL),
    "cat": (SKIMAGE / "chelsea.png", CC0),
    "deer": (STAMPS / "animals/mammals/deer/doe.png", GPL),
    "dog": (STAMPS / "animals/mammals/dogs/dog.png", GPL),
    "frog": (STAMPS / "animals/amphibians/frog.png", GPL),
    "horse": (STAMPS / "animals/mammals/equines/horse.png", GPL),
    "ship": (STAMPS / "vehicles/ship/chineseJunk.png", GPL),
    "truck": (STAMPS / "vehicles/garbagetruck.png", GPL),
}
README = """# Photographs

One picture for each class of CIFAR-10, none of them from CIFAR-10. They keep the licences of their
sources, and are no part of the npm package. `python3 models/train/photographs.py` makes them.

| file | from | licence |
|---|---|---|
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = Path(__file__).resolve().parent.parent / "photographs"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args()

    options.out.mkdir(parents=True, exist_ok=True)
    rows, table = ["file,class"], README
    for number, label in enumerate(CIFAR_LABELS):
        source, licence = PICTURES[label]
        file = f"{number}-{label}.png"
        square(Image.open(source)).save(options.out / file, optimize=True)
        rows.append(f"{file},{number}")
        package = "python3-skimage" if licence == CC0 else "tuxpaint-stamps-default"
        table += f"| {file} | Debian's {package}, `{source.name}` | {licence} |\n"
    (options.out / "labels.csv").write_text("\n".join(rows) + "\n")
    (options.out / "README.md").write_text(table)


def square(picture: Image.Image) -> Image.Image:
    """The middle of a photograph; all of a cut-out one, with some white around it."""
    if picture.mode == "RGB":
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        return picture.crop((left, top, left + side, top + side)).resize((SIZE, SIZE))
    cut = picture.convert("RGBA")
    cut.thumbnail((SIZE - 2 * MARGIN,) * 2)
    ground = Image.new("RGB", (SIZE, SIZE), "white")
    ground.paste(cut, ((SIZE - cut.width) // 2, (SIZE - cut.height) // 2), cut)
    return ground


if __name__ == "__main__":
    main()
