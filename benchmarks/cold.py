"""Cold starts of the command line against an empty Python."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure, side_by_side
from data_platform import DataProduct, Platform

PRODUCT = "name: cold\ndomain: bench\nowner: bench@example.org\noutputs:\n  - name: rows\n    type: table\n"


def figures(folder: Path, rounds: int) -> Iterator[Figure]:
    home = folder / "home"
    home.mkdir()
    (folder / "product.yaml").write_text(PRODUCT)
    with Platform.open(home) as platform:
        DataProduct(folder, platform).publish("rows", [{"a": 1}])
    tool = Path(sys.executable).with_name("data-platform")
    for words, limit in ((["--help"], 100), (["versions", "cold"], 400), (["search", "cold"], 450)):
        environment = {**os.environ, "DATA_PLATFORM_HOME": str(home)}

        def ours(words: list[str] = words, environment: dict[str, str] = environment) -> None:
            subprocess.run([str(tool), *words], check=True, stdout=subprocess.DEVNULL, env=environment)

        def base() -> None:
            subprocess.run([sys.executable, "-c", "pass"], check=True)

        mine, theirs, _ = side_by_side(ours, base, rounds)
        more = (mine - theirs) * 1000
        command = f"data-platform {words[0]}"
        told = f"+{more:.0f} ms ({mine * 1000:.0f} against {theirs * 1000:.0f} ms)"
        yield Figure(command, "python -c pass", f"≤ +{limit} ms", told, more <= limit)
