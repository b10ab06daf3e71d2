"""QualityChecker: data is judged by the contract of an output, and nothing is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from data_platform.engine.worker import SqlWorker
from data_platform.errors import BadInput
from data_platform.product import DataProduct, ProductOutputs
from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.product.model import Input, Output, Product
from data_platform.spec.text.names import quote_value
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing.contract_test import ContractTest, run_contract_test
from data_platform.verbs.testing.contract_test_report import CheckResult


class QualityChecker:
    """Judges data as a publish would, with no mesh and no trace: as `data-platform test` does.

    `outputs` is `product.outputs` of a DataProduct, or the DataProduct. A list of outputs is taken where none of them
    has a schema file, whose place only the product knows; BadInput otherwise. The rules run in a process of its own,
    started at the first call: use a checker in a `with` statement, or call `close`.

    Example:
        product = DataProduct.load("product.yaml")
        with QualityChecker(product.outputs) as checker:
            result = checker.validate("orders_fact", "orders.csv")
        print(result.passed, [failure.check for failure in result.failures])
    """

    def __init__(self, outputs: ProductOutputs | DataProduct | Sequence[Output]) -> None:
        self._file = _build_file(outputs)

    def validate(
        self,
        output: str,
        data: Any,
        *,
        inputs: Mapping[str, Any] | None = None,
        options: ReadOptions = STANDARD,
    ) -> CheckResult:
        """What the contract says of `data` as the next content of `output`; a refusal is a result, not an exception.

        `data` is what a publish takes: a table, a DataFrame, dicts, a path. `inputs` are the data of the inputs that
        rules read, by `product.output`. The result has `passed`, `failures` (up to 20 wrong rows each, personal data
        masked), `findings` (one for each column, rule and promise), `rows` and `outcome`.

        Raises NotFound for an output or an input that the product does not have, UnreadableData, Unavailable.
        """
        _check_argument("output", output, str)
        _check_argument("options", options, ReadOptions)
        _check_argument("inputs", {} if inputs is None else inputs, Mapping)
        path = Path(data) if isinstance(data, str) else data
        request = ContractTest(self._file, output, path, self._resolve_inputs(inputs or {}), options)
        return run_contract_test(RuleRunner(self._worker), datetime.now(UTC), request)

    def close(self) -> None:
        """Ends the process that runs the rules."""
        if "_worker" in self.__dict__:
            self._worker.close()
            del self._worker

    def __enter__(self) -> QualityChecker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def _worker(self) -> SqlWorker:
        return SqlWorker()

    def _resolve_inputs(self, inputs: Mapping[str, Any]) -> dict[Input, Any]:
        declared = {str(needed): needed for needed in self._file.product.inputs}
        for name in inputs:
            if name not in declared:
                raise BadInput(f"the product has no input {name}", hint=f"it has {', '.join(declared) or 'none'}")
        return {declared[name]: data for name, data in inputs.items()}


def _check_argument(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise BadInput(f"{name} must be a {kind.__name__}, and not {quote_value(value)}")


def _build_file(outputs: object) -> ProductFile:
    if isinstance(outputs, DataProduct):
        return outputs.file
    if isinstance(outputs, ProductOutputs):
        return outputs.file
    if isinstance(outputs, str | bytes) or not isinstance(outputs, Sequence) or not outputs:
        raise BadInput(f"a {type(outputs).__name__} is no list of outputs", hint="QualityChecker(product.outputs)")
    for output in outputs:
        if not isinstance(output, Output):
            raise BadInput(f"a {type(output).__name__} is no output", hint="QualityChecker(product.outputs)")
        if output.schema_path is not None:
            raise BadInput(
                f"where {output.schema_path} lies, the output {output.name} does not say",
                hint="QualityChecker(product.outputs) knows it",
            )
    return ProductFile(Path("outputs"), Product("outputs", "none", "none", tuple(outputs)), {}, (), "")
