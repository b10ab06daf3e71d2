"""The command `test`: assigns files to outputs, runs the contract test of each output, and prints the results."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.errors import print_problems
from data_platform.cli.console.json import print_json
from data_platform.cli.formats.files import write_text
from data_platform.cli.formats.junit import format_junit, format_junit_error
from data_platform.cli.views.contract_test import TestedOutput, build_report_json, print_result, warn_of_empty_files
from data_platform.engine.worker import SqlWorker
from data_platform.errors import BadInput, DataPlatformError, NotFound, Refused
from data_platform.quality.verdict import Outcome
from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.spec.product.loading import ProductFile, load_product
from data_platform.spec.product.model import Input
from data_platform.spec.text.file import LARGEST, read_bounded
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing.contract_test import ContractTest, run_contract_test

STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The parsed command line; an item of `data` is `[NAME=]FILE` as it was written."""

    contract: Path
    data: tuple[str, ...]
    output: str | None
    junit: Path | None
    strict: bool
    as_json: bool
    options: ReadOptions = STANDARD


def run(worker: SqlWorker, order: CommandLine) -> int:
    """Runs the test, prints the result and returns the exit code. Raises BadInput."""
    if order.junit == STDOUT and order.as_json:
        raise BadInput("--json and --junit - both write to stdout", hint="give --junit a file")
    now = datetime.now(UTC)
    try:
        file = _load_contract(order.contract)
        print_problems(stderr_console(), file.warnings, "warning")
        tested = list(_test_files(RuleRunner(worker), now, file, DataFiles.match(file, order), order.options))
    except DataPlatformError as error:
        _write_report(order, format_junit_error(str(order.contract), error, now))
        raise
    _write_report(order, format_junit(str(order.contract), tested, now, strict=order.strict))
    _print_result(order, file, tested)
    refusing = (Outcome.REFUSED, Outcome.WARNED) if order.strict else (Outcome.REFUSED,)
    return Refused.exit_code if any(output.result.outcome in refusing for output in tested) else 0


def _load_contract(path: Path) -> ProductFile:
    """Loads an ODCS file or a product.yaml. Only ODCS has `apiVersion` and `kind` at the top level."""
    if not path.is_file() or _OF_ODCS.search(read_bounded(path, LARGEST).decode("utf-8", "replace")) is None:
        return load_product(path)
    contracts = import_module("data_platform.spec.standards.contracts")  # not needed for a product.yaml
    file: ProductFile = contracts.load_contract(path)
    return file


_OF_ODCS = re.compile(r"""^(?:apiVersion|kind)\s*:|^\s*\{(?s:.*?)"(?:apiVersion|kind)"\s*:""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The files of the outputs and inputs, by name."""

    outputs: Mapping[str, str]
    inputs: Mapping[Input, str]

    @classmethod
    def match(cls, file: ProductFile, order: CommandLine) -> DataFiles:
        """Assigns the files to outputs and inputs. Raises BadInput if that is ambiguous."""
        names = [output.name for output in file.product.outputs]
        inputs = {str(needed): needed for needed in file.product.inputs}
        files: dict[str, str] = {}
        for text in order.data:
            name, path = _split_name(text, (*names, *inputs)) or (_pick_output(names, order.output), text)
            if name in files:
                raise BadInput(f"{name} has two files: {files[name]} and {path}", hint=_HINT)
            files[name] = path
        outputs = {name: path for name, path in files.items() if name not in inputs}
        if not outputs:
            raise BadInput("no file is given for an output", hint=f"the outputs are {', '.join(names)}: {_HINT}")
        return cls(outputs, {needed: files[name] for name, needed in inputs.items() if name in files})


_HINT = "write --data NAME=FILE for each file"


def _split_name(text: str, names: Sequence[str]) -> tuple[str, str] | None:
    """Splits `NAME=FILE`; returns None for a file without a name, whose path may contain an equals sign."""
    name, sign, path = text.partition("=")
    if not sign or (name not in names and Path(text).exists()):
        return None
    if name not in names:
        near = find_nearest(name, names)
        raise NotFound(
            f"the contract has no output or input {name}",
            hint=f"did you mean {near}?" if near else f"it has {', '.join(names)}",
        )
    return name, path


def _pick_output(names: Sequence[str], wanted: str | None) -> str:
    if wanted is None and len(names) != 1:
        raise BadInput(
            f"the contract has several outputs ({', '.join(names)}): name the output of each file", hint=_HINT
        )
    return wanted or names[0]


def _test_files(
    runner: RuleRunner, now: datetime, file: ProductFile, given: DataFiles, options: ReadOptions
) -> Iterator[TestedOutput]:
    with stderr_console().show_progress() as show:
        for output, data in given.outputs.items():
            show(f"{output}: judging {data}")
            start = time.perf_counter()
            result = run_contract_test(runner, now, ContractTest(file, output, data, given.inputs, options))
            yield TestedOutput(result, data, time.perf_counter() - start)


def _write_report(order: CommandLine, xml: str) -> None:
    if order.junit == STDOUT:
        sys.stdout.write(xml)
    elif order.junit is not None:
        write_text(order.junit, xml)


def _print_result(order: CommandLine, file: ProductFile, tested: Sequence[TestedOutput]) -> None:
    untested = [output.name for output in file.product.outputs if output.name not in [t.result.output for t in tested]]
    warn_of_empty_files(stderr_console(), tested)
    if order.as_json:
        print_json(build_report_json(str(order.contract), tested, untested))
        return
    console = stderr_console() if order.junit == STDOUT else stdout_console()
    for number, output_result in enumerate(tested):
        if number:
            console.write_line()
        print_result(console, output_result)
    if untested:
        console.write_line()
        console.write_line(Styled("not tested", "dim"), f", no data: {', '.join(untested)}")
