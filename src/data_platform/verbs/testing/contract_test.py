"""check: data is judged as a publish would judge it, and nothing is published: no home, no record, no trace.

The data is judged by the publish's own parts: the cast, the proof of the seal, the rules in the worker. It is staged
into a folder that is gone at the end, its PII sealed under keys that end with the process; a parquet file that needs no
cast is read where it lies. What only a publish has (the versions of inputs, the history behind a promise) is not
guessed: checks that need it are named as not run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sized
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_platform.engine.source import ParquetSource
from data_platform.errors import Mismatch, NotFound, SchemaMismatch
from data_platform.keys.ring import EphemeralKeyring
from data_platform.quality.constraints import list_rules
from data_platform.quality.file_promises import FilePromise, list_file_promises
from data_platform.quality.protect import may_read
from data_platform.settings.read_options import STANDARD, ReadOptions, select_for_file
from data_platform.spec.casting.cast import Caster
from data_platform.spec.casting.survey import (
    Misfit,
    collect_misfits,
    count_misfits,
    drop_required,
    iterate_fitting_batches,
    list_misfit_columns,
)
from data_platform.spec.policies import PiiDetection
from data_platform.spec.product.declared_columns import check_partitions, settle_schema
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.product.model import Input, Output
from data_platform.spec.rules.model import Rule
from data_platform.spec.schema.arrow import from_arrow
from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.names import find_nearest
from data_platform.tables.intake import Intake, cast_arguments, open_data
from data_platform.tables.place import TablePlace
from data_platform.tables.staging.sample import RowSample
from data_platform.tables.staging.stage import StageOrder, stage
from data_platform.tables.storage.local import LocalStorage
from data_platform.temporary_folders import open_scratch_folder
from data_platform.verbs.core.encryption.column_encryption import build_seal
from data_platform.verbs.publishing.rule_runner import RuleRunner, Tables, open_staged, reads_input, verify_seal
from data_platform.verbs.publishing.undeclared_pii import find_sampled_columns, find_undeclared_pii
from data_platform.verbs.testing.contract_test_report import (
    NOT_JUDGED,
    CheckResult,
    Finding,
    from_promise,
    from_rule,
    from_unchecked,
    from_undeclared_pii,
    report_fitting,
    report_unfit,
    skip_rule,
)


@dataclass(frozen=True, slots=True)
class ContractTest:
    """Judge `data` as one output's next content; `inputs` are the data of the inputs that its rules read.

    `options` say how text files among them are written.
    """

    file: ProductFile
    output: str
    data: Any
    inputs: Mapping[Input, Any] = field(default_factory=dict)
    options: ReadOptions = STANDARD


def run_contract_test(runner: RuleRunner, now: datetime, request: ContractTest) -> CheckResult:
    """What every check of the contract finds; `now` is what promises are held against.

    Raises NotFound for an output that the contract does not have, UnreadableData, StorageFailed, Unavailable.
    """
    output = _find_output(request)
    with open_scratch_folder("test") as folder:
        case = _Case(runner, now, request, output, folder)
        try:
            return case.evaluate()
        except SchemaMismatch as mismatch:
            return case.report_misfits(mismatch)


def _find_output(request: ContractTest) -> Output:
    product = request.file.product
    output = product.find_output(request.output)
    if output is None:
        names = [output.name for output in product.outputs]
        near = find_nearest(request.output, names)
        hint = f"did you mean {near}?" if near else f"its outputs are {', '.join(names)}"
        raise NotFound(f"{product.name} has no output {request.output}", hint=hint)
    return output


@dataclass(frozen=True, slots=True)
class _Case:
    """One output, what is to be judged as its content, and the folder where that is staged."""

    runner: RuleRunner
    now: datetime
    request: ContractTest
    output: Output
    folder: Path

    def evaluate(self) -> CheckResult:
        """Stages the data and judges it; raises SchemaMismatch when it does not fit."""
        product = self.request.file.product
        kinds: list[Mismatch] = []
        opened = open_data(self.request.data, self._declared, self.request.options, kinds, product.pii_columns)
        with closing(opened) as intake:
            schema = self._find_schema(intake)
            sample = RowSample(schema)
            own = _build_source(self.folder, product.name, self.output, schema, intake, sample)
        if kinds:
            raise SchemaMismatch("", kinds)
        undeclared = find_undeclared_pii(schema, sample.texts, PiiDetection.WARN)
        rules = self._evaluate_rules(own, schema, masked=find_sampled_columns(undeclared))
        findings = (*report_fitting(schema), *rules, *map(from_undeclared_pii, undeclared))
        return CheckResult(product.name, self.output.name, own.rows, findings)

    def report_misfits(self, mismatch: SchemaMismatch) -> CheckResult:
        """What does not fit, counted over all rows where values are wrong, and what the other columns are worth."""
        rows, misfits = self._scan_data()
        schema = self._declared
        findings = [*report_unfit(schema, misfits or collect_misfits(mismatch.mismatches), surveyed=bool(misfits))]
        if schema is not None:
            findings += self._evaluate_fitting(schema, misfits) if misfits else self._list_unjudged(schema)
        return CheckResult(self.request.file.product.name, self.output.name, rows, tuple(findings))

    def _list_unjudged(self, schema: TableSchema) -> Iterator[Finding]:
        """Every rule and promise, where no column could be looked at."""
        for rule in list_rules(self.output, schema):
            yield skip_rule(rule, NOT_JUDGED)
        yield from map(from_unchecked, self.output.unchecked)
        for promise in list_file_promises(self.output, schema, self.now):
            yield from_promise(replace(promise, reason=promise.reason or NOT_JUDGED), None)

    def _evaluate_fitting(self, schema: TableSchema, misfits: tuple[Misfit, ...]) -> Iterator[Finding]:
        """The rules and promises, judged where they read none of the columns that do not fit."""
        unfit_names = list_misfit_columns(schema, misfits)
        nullable = drop_required(schema, unfit_names)
        with closing(self._open_data(schema, [])) as intake:
            fields = [item for item in intake.schema if item.name in schema.names and item.name not in unfit_names]
            batches = iterate_fitting_batches(schema, unfit_names, intake.batches)
            part = replace(intake, schema=pa.schema(fields), batches=batches, parquet=None)
            output = replace(self.output, partition_by=())
            own = _build_source(self.folder / "part", self.request.file.product.name, output, nullable, part)
        yield from self._evaluate_rules(own, schema, unfit_names)

    def _open_data(self, schema: TableSchema, misfits: list[Mismatch]) -> Intake:
        return open_data(self.request.data, schema, self.request.options, misfits)

    @property
    def _declared(self) -> TableSchema | None:
        return self.request.file.schemas.get(self.output.name)

    def _find_schema(self, intake: Intake) -> TableSchema:
        """The declared schema; else what the data shows, judged like the first publish of an output without one."""
        product, schema = self.request.file.product, self._declared
        if schema is None:
            return settle_schema(product, self.output, from_arrow(intake.schema), self.request.file.schemas)
        check_partitions(f"{product.name}.{self.output.name}", schema, self.output.partition_by)
        return schema

    def _scan_data(self) -> tuple[int | None, tuple[Misfit, ...]]:
        """The rows and the misfits of a second look at all of the data; nothing where there is no second look.

        There is none at a stream, nor at data of which a column cannot be opened at all.
        """
        schema, data = self._declared, self.request.data
        if schema is not None and isinstance(data, Path | Sized):
            kinds: list[Mismatch] = []
            with suppress(SchemaMismatch), closing(self._open_data(schema, kinds)) as intake:
                rows, misfits = count_misfits(schema, intake.schema, intake.batches, cast_arguments(intake))
                first = collect_misfits(kinds)
                strange = list_misfit_columns(schema, first)
                return rows, (*first, *(m for m in misfits if m.column.split(".")[0] not in strange))
        return None, ()

    def _evaluate_rules(
        self,
        own: ParquetSource,
        schema: TableSchema,
        unfit_names: Collection[str] = (),
        masked: Collection[str] = (),
    ) -> Iterator[Finding]:
        """Rules and promises, judged by one run of the worker; what reads columns that do not fit is not.

        The columns in `masked` are hidden like protected ones.
        """
        tables: Tables = {(self.output.name,): own, **self._open_inputs()}
        rules = [
            (rule, self._explain_missing_input(rule) or _explain_unfit(rule, unfit_names))
            for rule in list_rules(self.output, schema)
        ]
        promises = [_skip_unfit(promise, unfit_names) for promise in list_file_promises(self.output, schema, self.now)]
        runnable = [rule for rule, lacking in rules if not lacking]
        runnable += [promise.rule for promise in promises if promise.rule]
        results = iter(self.runner.evaluate(tables, self.output.name, schema, runnable, also_masked=masked).results)
        for rule, lacking in rules:
            yield skip_rule(rule, lacking) if lacking else _drop_columns(from_rule(next(results)), unfit_names)
        yield from map(from_unchecked, self.output.unchecked)
        for promise in promises:
            yield from_promise(promise, next(results) if promise.rule else None)

    def _open_inputs(self) -> Tables:
        tables: Tables = {}
        for needed, data in self.request.inputs.items():
            options = select_for_file(self.request.options, str(data)) if isinstance(data, str | Path) else STANDARD
            with closing(open_data(data, None, options)) as intake:
                output, schema = Output(needed.output), from_arrow(intake.schema)
                source = _build_source(self.folder, needed.data_product, output, schema, intake)
            tables[(needed.data_product, needed.output)] = source
        return tables

    def _explain_missing_input(self, rule: Rule) -> str | None:
        """Why the rule cannot run: it reads an input of which no data was given."""
        if rule.query is not None:
            for needed in self.request.file.product.inputs:
                if needed not in self.request.inputs and reads_input(rule.query, needed):
                    return f"it reads the input {needed}, of which no data was given"
        return None


def _explain_unfit(rule: Rule, unfit_names: Collection[str]) -> str | None:
    """Why the rule is not judged: it reads columns that do not fit."""
    names = [name for name in unfit_names if may_read(rule, {name})]
    verb = "does" if len(names) == 1 else "do"
    return f"it reads {', '.join(names)}, which {verb} not fit the contract" if names else None


def _skip_unfit(promise: FilePromise, unfit_names: Collection[str]) -> FilePromise:
    """The promise, not judged where its column does not fit."""
    reason = _explain_unfit(promise.rule, unfit_names) if promise.rule else None
    return replace(promise, rule=None, reason=reason) if reason else promise


def _drop_columns(finding: Finding, names: Collection[str]) -> Finding:
    """The finding with the columns `names` left out of its rows."""
    if not names:
        return finding
    return replace(finding, rows=tuple({k: v for k, v in row.items() if k not in names} for row in finding.rows))


def _build_source(
    folder: Path, product: str, output: Output, schema: TableSchema, intake: Intake, sample: RowSample | None = None
) -> ParquetSource:
    """The data as the rules may read it, every value of it cast to the schema; raises SchemaMismatch.

    `sample` grows by the rows.
    """
    subject = f"{product}.{output.name}"
    caster = Caster(schema, intake.schema, subject, **cast_arguments(intake))
    cast = map(caster.cast, intake.batches)
    batches = cast if sample is None else sample.watch(cast)
    if intake.parquet is not None and not output.partition_by and _is_readable_in_place(intake, caster.target):
        rows = sum(batch.num_rows for batch in batches)
        widened = frozenset(_find_narrower(intake.schema, caster.target))
        return ParquetSource((str(intake.parquet.absolute()),), caster.target, rows=rows, widened=widened)
    seal = build_seal(EphemeralKeyring(), product, output.name, schema, datetime.now(UTC))
    order = StageOrder("test", schema, assign_ids(schema, {}, 0)[0], output.partition_by, seal, lasting=False)
    place = TablePlace(LocalStorage(folder, durable=False), product, output.name)
    staged = stage(place, order, batches, lambda rows: None)
    verify_seal(caster.subject, schema, staged)
    return open_staged(schema, staged, seal.keys if seal else {})


def _is_readable_in_place(intake: Intake, target: pa.Schema) -> bool:
    """Whether a parquet file needs no cast, so that the worker may read it where it is, and nothing is copied.

    A narrower number needs none either: as DuckDB widens it, so does the cast, and no value changes.
    Its footer's bounds are believed then, as every engine believes them; a name that DuckDB takes for a pattern is not.
    """
    if any(sign in str(intake.parquet) for sign in "*?["):
        return False
    incoming = {field.name: field.type for field in intake.schema}
    same = {field.name for field in target if incoming.get(field.name) == field.type}
    return len(same | _find_narrower(intake.schema, target)) == len(target)


def _find_narrower(incoming: pa.Schema, target: pa.Schema) -> set[str]:
    """The columns whose numbers all lie in the wider type of the contract."""
    types = {field.name: field.type for field in incoming}
    return {field.name for field in target if types.get(field.name) in _WITHIN.get(field.type, ())}


_SMALL = (pa.int8(), pa.int16(), pa.uint8(), pa.uint16())
_WITHIN = {
    pa.int32(): _SMALL,
    pa.int64(): (*_SMALL, pa.int32(), pa.uint32()),
    pa.float64(): (pa.float32(),),
}
"""The types of which every value is one of the key's type, exactly."""
