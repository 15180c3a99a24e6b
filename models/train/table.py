"""Writes networks.csv: what trained networks cost, and how many validation pictures they have right.

    python3 models/train/table.py build/*/last.pt

A row for each checkpoint, in the place of an older one of the same folder's name. Energy is that of
`microjoule energy`, as in weigh.py. Needs `npm run build`.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import torch

from nets import RECIPES
from weigh import weigh

TABLE = Path(__file__).with_name("networks.csv")
COLUMNS = [
    *("name", "recipe", "plan", "activation", "ternary", "taught", "epochs"),
    *("macs", "int8Bytes", "ternaryBytes", "int8Nj", "ternaryNj", "right", "of"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoints", type=Path, nargs="+")
    options = parser.parse_args()

    rows = {}
    if TABLE.exists():
        with TABLE.open(newline="") as file:
            rows = {row["name"]: row for row in csv.DictReader(file)}
    for path in options.checkpoints:
        row = describe(path)
        rows[row["name"]] = row
        print(f"{row['name']}: {row['right']} of {row['of']}, {row['macs']} MACs, {row['int8Nj']} nJ")
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows.values())


def describe(path: Path) -> dict[str, object]:
    state = torch.load(path, map_location="cpu")
    own = {key: state[key] for key in ("plan", "activation")}
    weight = weigh(replace(RECIPES[state["recipe"]], **own))
    return {
        "name": path.parent.name,
        "recipe": state["recipe"],
        **own,
        "ternary": state["ternary"] or "",
        "taught": int(state["taught"]),
        "epochs": state["epoch"],
        "macs": weight.macs,
        "int8Bytes": weight.int8_bytes,
        "ternaryBytes": weight.ternary_bytes,
        "int8Nj": weight.int8_nj,
        "ternaryNj": weight.ternary_nj,
        "right": state["validationRight"],
        "of": state["validationOf"],
    }


if __name__ == "__main__":
    main()
