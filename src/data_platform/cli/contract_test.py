"""What `test` does: finds which file is the content of which output, has each judged, and tells."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.errors import tell_problems
from data_platform.cli.console.json import print_json
from data_platform.cli.formats.files import write_text
from data_platform.cli.formats.junit import junit_error, junit_xml
from data_platform.cli.views.contract_test import Tested, as_json, tell, tell_empty
from data_platform.engine.worker import SqlWorker
from data_platform.errors import BadInput, DataPlatformError, NotFound, Refused
from data_platform.quality.verdict import Outcome
from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.spec.product.loading import ProductFile, load_product
from data_platform.spec.product.model import Input
from data_platform.spec.text.file import LARGEST, read_bounded
from data_platform.spec.text.names import nearest
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing.contract_test import Check, check

STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Order:
    """The command line: `data` as written, `[NAME=]FILE` each."""

    contract: Path
    data: tuple[str, ...]
    output: str | None
    junit: Path | None
    strict: bool
    as_json: bool
    options: ReadOptions = STANDARD


def run(worker: SqlWorker, order: Order) -> int:
    """Judges and tells; the exit code. Raises BadInput."""
    if order.junit == STDOUT and order.as_json:
        raise BadInput("--json and --junit - both write to stdout", hint="give --junit a file")
    now = datetime.now(UTC)
    try:
        file = _contract(order.contract)
        tell_problems(notes(), file.warnings, "warning")
        tested = list(_tested(RuleRunner(worker), now, file, Given.of(file, order), order.options))
    except DataPlatformError as error:
        _report(order, junit_error(str(order.contract), error, now))
        raise
    _report(order, junit_xml(str(order.contract), tested, now, strict=order.strict))
    _tell(order, file, tested)
    refusing = (Outcome.REFUSED, Outcome.WARNED) if order.strict else (Outcome.REFUSED,)
    return Refused.exit_code if any(each.result.outcome in refusing for each in tested) else 0


def _contract(path: Path) -> ProductFile:
    """What the file declares; ODCS says its version and kind at its top, which no product.yaml does."""
    if not path.is_file() or _OF_ODCS.search(read_bounded(path, LARGEST).decode("utf-8", "replace")) is None:
        return load_product(path)
    contracts = import_module("data_platform.spec.standards.contracts")  # half of the tests are of a product.yaml
    file: ProductFile = contracts.load_contract(path)
    return file


_OF_ODCS = re.compile(r"""^(?:apiVersion|kind)\s*:|^\s*\{(?s:.*?)"(?:apiVersion|kind)"\s*:""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Given:
    """Which file is the content of which output, and of which input."""

    outputs: Mapping[str, str]
    inputs: Mapping[Input, str]

    @classmethod
    def of(cls, file: ProductFile, order: Order) -> Given:
        """The files by what they are; raises BadInput where that is not clear."""
        names = [output.name for output in file.product.outputs]
        inputs = {str(needed): needed for needed in file.product.inputs}
        found: dict[str, str] = {}
        for text in order.data:
            name, path = _named(text, (*names, *inputs)) or (_chosen(names, order.output), text)
            if name in found:
                raise BadInput(f"{name} has two files: {found[name]} and {path}", hint=_HINT)
            found[name] = path
        outputs = {name: path for name, path in found.items() if name not in inputs}
        if not outputs:
            raise BadInput("no file is the content of an output", hint=f"its outputs are {', '.join(names)}: {_HINT}")
        return cls(outputs, {needed: found[name] for name, needed in inputs.items() if name in found})


_HINT = "write --data NAME=FILE for each"


def _named(text: str, names: Sequence[str]) -> tuple[str, str] | None:
    """The name and the file of `NAME=FILE`; None for a file without a name, which may hold an equals sign itself."""
    name, sign, path = text.partition("=")
    if not sign or (name not in names and Path(text).exists()):
        return None
    if name not in names:
        near = nearest(name, names)
        raise NotFound(
            f"the contract has no output or input {name}",
            hint=f"did you mean {near}?" if near else f"it has {', '.join(names)}",
        )
    return name, path


def _chosen(names: Sequence[str], wanted: str | None) -> str:
    if wanted is None and len(names) != 1:
        raise BadInput(f"the contract has several outputs: say of which each file is ({', '.join(names)})", hint=_HINT)
    return wanted or names[0]


def _tested(
    runner: RuleRunner, now: datetime, file: ProductFile, given: Given, options: ReadOptions
) -> Iterator[Tested]:
    with notes().progress() as show:
        for output, data in given.outputs.items():
            show(f"{output}: judging {data}")
            start = time.perf_counter()
            result = check(runner, now, Check(file, output, data, given.inputs, options))
            yield Tested(result, data, time.perf_counter() - start)


def _report(order: Order, xml: str) -> None:
    if order.junit == STDOUT:
        sys.stdout.write(xml)
    elif order.junit is not None:
        write_text(order.junit, xml)


def _tell(order: Order, file: ProductFile, tested: Sequence[Tested]) -> None:
    untested = [output.name for output in file.product.outputs if output.name not in [t.result.output for t in tested]]
    tell_empty(notes(), tested)
    if order.as_json:
        print_json(as_json(str(order.contract), tested, untested))
        return
    paper = notes() if order.junit == STDOUT else answer()
    for number, each in enumerate(tested):
        if number:
            paper.line()
        tell(paper, each)
    if untested:
        paper.line()
        paper.line(Styled("not tested", "dim"), f", no data: {', '.join(untested)}")
