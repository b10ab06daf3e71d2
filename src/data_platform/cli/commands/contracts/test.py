"""test: files are judged by a contract, and nothing is published."""

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
from data_platform.cli.read_options import read_options
from data_platform.engine.worker import SqlWorker
from data_platform.settings.read_options import ReadOptions

TERMINATED = 128 + signal.SIGTERM


@click.command("test")
@click.argument("contract", type=click.Path(path_type=Path))
@click.option(
    "--data",
    required=True,
    multiple=True,
    metavar="[NAME=]FILE",
    help="The file to judge, named where there are several outputs; an input that rules read is PRODUCT.OUTPUT=FILE.",
)
@click.option("--output", metavar="NAME", help="The output whose content FILE is, where there are several.")
@click.option("--junit", metavar="FILE", help="Write JUnit XML for CI to FILE; - is stdout.")
@click.option("--strict", is_flag=True, help="Refuse for warnings and broken promises too.")
@read_options
@json_option
def check(
    contract: Path,
    data: tuple[str, ...],
    output: str | None,
    junit: str | None,
    strict: bool,
    options: ReadOptions,
    as_json: bool,
) -> int:
    """Judge files by a contract, and publish nothing.

    CONTRACT is an ODCS file or a product.yaml. FILE is .parquet, .csv, .json, .jsonl, or a folder of parquet. It is
    judged as a publish would judge it, with no home and no trace: exit code 0 when it passes (warnings allowed), 1
    when it is refused, 2 when it cannot be read. Checks that cannot run on a file are named, with the reason.

    \b
    Example:
      data-platform test orders.odcs.yaml --data orders.parquet --junit report.xml
    """
    with _ending_in_order(), SqlWorker() as worker:
        worker.start()
        testing = import_module("data_platform.cli.contract_test")  # takes as long to load as the worker does to start
        order = testing.Order(contract, data, output, Path(junit) if junit else None, strict, as_json, options)
        code: int = testing.run(worker, order)
        return code


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """A CI job that is cancelled is sent SIGTERM: what was staged is removed then, too."""

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
