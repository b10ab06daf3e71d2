"""test: checks data files against a contract."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType

import click

from data_platform.cli.options import json_option
from data_platform.cli.path_types import OutputFile, require_path
from data_platform.cli.read_options import read_options
from data_platform.engine.worker import SqlWorker
from data_platform.settings.read_options import ReadOptions
from data_platform.spec.text.paths import is_missing

TERMINATED = 128 + signal.SIGTERM


@click.command("test")
@click.argument("contract", type=click.Path(path_type=Path))
@click.option(
    "--data",
    required=True,
    multiple=True,
    metavar="[NAME=]FILE",
    help="The file to check; NAME is the output if there are several, or PRODUCT.OUTPUT for an input that rules read.",
)
@click.option("--output", metavar="NAME", help="The output that FILE belongs to, if there are several.")
@click.option(
    "--junit", metavar="FILE", type=OutputFile(dash=True), help="Write JUnit XML for CI to FILE; - is stdout."
)
@click.option("--strict", is_flag=True, help="Treat warnings and broken service levels as failures.")
@read_options
@json_option
def check(
    contract: Path,
    data: tuple[str, ...],
    output: str | None,
    junit: Path | None,
    strict: bool,
    options: ReadOptions,
    as_json: bool,
) -> int:
    """Check data files against a contract, without publishing.

    CONTRACT is an ODCS file or a product.yaml. FILE is .parquet, .csv, .json, .jsonl, or a folder of parquet files.
    The checks are those of a publish, but need no home and record nothing. The exit code is 0 if the data passes
    (warnings are allowed), 1 if it is refused, and 2 if it cannot be read. Checks that cannot run are listed with the
    reason.

    \b
    Example:
      data-platform test orders.odcs.yaml --data orders.parquet --junit report.xml
    """
    if junit is None:  # the report names a missing file too, and the test writes it
        _require_files(contract, data)
    with _handle_termination(), SqlWorker() as worker:
        worker.start()
        testing = import_module("data_platform.cli.contract_test")  # loads while the worker starts
        order = testing.CommandLine(contract, data, output, junit, strict, as_json, options)
        code: int = testing.run(worker, order)
        return code


def _require_files(contract: Path, data: tuple[str, ...]) -> None:
    """Raises NotFound for a file that is missing; an item of `data` is [NAME=]FILE."""
    require_path(contract)
    for text in data:
        file = Path(text)
        require_path(Path(text.partition("=")[2]) if "=" in text and is_missing(file) else file)


@contextmanager
def _handle_termination() -> Iterator[None]:
    """Exits cleanly on SIGTERM, which a cancelled CI job receives, so that staged data is removed."""

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
