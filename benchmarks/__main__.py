"""`make bench`: measures every budget and prints the table that benchmarks/README.md keeps."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import (
    access,
    catalog,
    cold,
    contracts,
    finding,
    neighbours,
    policies,
    portal,
    reading,
    serving,
    small,
    stream,
)
from benchmarks.measure import Figure
from benchmarks.tables import Bench

PARTS = (
    "tables",
    "reading",
    "small",
    "stream",
    "catalog",
    "search",
    "cold",
    "test",
    "policies",
    "neighbours",
    "serving",
    "access",
    "portal",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rows", type=float, default=10e6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gigabytes", type=float, default=4)
    parser.add_argument("--only", choices=PARTS)
    given = parser.parse_args()
    print("| work | against | budget | measured | kept |\n|---|---|---|---|---|", flush=True)
    for figure in figures(given):
        print(figure.row(), flush=True)


def figures(given: argparse.Namespace) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        folders = {name: Path(place) / name for name in PARTS}
        for name, folder in folders.items():
            folder.mkdir()
            if given.only in (None, name):
                yield from _figures(name, folder, given)


def _figures(name: str, folder: Path, given: argparse.Namespace) -> Iterator[Figure]:
    if name == "tables":
        bench = Bench(folder, int(given.rows), given.rounds)
        yield from bench.figures()
        bench.close()
    elif name == "reading":
        yield from reading.figures(folder, given.rounds)
    elif name == "small":
        yield from small.figures(folder)
    elif name == "stream":
        yield from stream.figures(folder, given.gigabytes, int(given.rows))
    elif name == "catalog":
        yield from catalog.figures(folder)
    elif name == "search":
        yield from finding.figures(folder)
    elif name == "policies":
        yield from policies.figures()
    elif name == "access":
        yield from access.figures()
    elif name == "serving":
        yield from serving.figures(folder, given.gigabytes / 2, given.rounds)
    elif name == "portal":
        yield from portal.figures(folder)
    elif name == "neighbours":
        yield from neighbours.figures(folder)
    elif name == "test":
        yield from contracts.figures(folder, given.rounds)
    else:
        yield from cold.figures(folder, 5)


main()
