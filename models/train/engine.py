"""What this repository's engine says of a model file. Needs `npm run build`."""

from __future__ import annotations

import json
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from data import Pictures

CLI = Path(__file__).resolve().parents[2] / "dist" / "cli.js"


def ask(command: str, *arguments: object) -> dict[str, Any]:
    """The JSON of `microjoule COMMAND ARGUMENTS`."""
    line = ["node", str(CLI), command, *map(str, arguments), "--json"]
    return json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE).stdout)


def count_right(model: Path, source: Path, pictures: Pictures) -> int:
    """Right answers of `microjoule eval` on the zip `source`, or one of `pictures` read from it."""
    if source.suffix == ".zip":
        return ask("eval", model, source)["top1"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pictures.zip"
        rows = ["file,class"]
        with zipfile.ZipFile(path, "w") as archive:
            for number, (image, label) in enumerate(zip(pictures.images, pictures.labels)):
                archive.writestr(f"{number}.bin", image.tobytes())
                rows.append(f"{number}.bin,{label}")
            archive.writestr("labels.csv", "\n".join(rows) + "\n")
        return ask("eval", model, path, "--raw", "pixels")["top1"]


def energy_nj(model: Path, reuse: str = "ideal") -> float:
    """Energy of a forward pass at 45 nm, arithmetic and memory counted."""
    return ask("energy", model, "--reuse", reuse)["energyPj"]["total"] / 1000
