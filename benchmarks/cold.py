"""Cold starts of the command line against an empty Python: time and peak memory."""

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
    (folder / "rows.csv").write_text("a\n1\n")
    publish = ["publish", str(folder / "product.yaml"), "rows", str(folder / "rows.csv")]
    for words, limit in ((["--help"], 100), (["versions", "cold"], 400), (["search", "cold"], 450), (publish, None)):
        environment = {**os.environ, "DATA_PLATFORM_HOME": str(home)}

        def ours(words: list[str] = words, environment: dict[str, str] = environment) -> None:
            subprocess.run(
                [str(tool), *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
            )

        def base() -> None:
            subprocess.run([sys.executable, "-c", "pass"], check=True)

        mine, theirs, _ = side_by_side(ours, base, rounds)
        more = (mine - theirs) * 1000
        command = f"data-platform {words[0]}"
        memory = peak_memory([str(tool), *words], environment)
        measured = f"+{more:.0f} ms ({mine * 1000:.0f} against {theirs * 1000:.0f} ms), {memory:.0f} MB"
        budget = "none" if limit is None else f"≤ +{limit} ms"
        yield Figure(command, "python -c pass", budget, measured, limit is None or more <= limit)


def peak_memory(command: list[str], environment: dict[str, str]) -> float:
    """The peak resident memory of a command, in MB.

    Linux counts the peak of the process that starts it too, so a small Python starts it.
    """
    done = subprocess.run(
        [sys.executable, "-c", _WATCH, *command], check=True, capture_output=True, env=environment, text=True
    )
    return float(done.stdout) / 1024


_WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
