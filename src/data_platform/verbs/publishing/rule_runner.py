"""Evaluates staged data, for a publish and for a contract test: encryption is verified, rules run in the worker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from data_platform.engine.source import ParquetSource
from data_platform.engine.worker import Answer, SqlWorker, WorkerQuery
from data_platform.errors import StorageFailed
from data_platform.quality.judge import has_wrong_rows, judge, with_rows
from data_platform.quality.plan import Planned, plan
from data_platform.quality.protect import may_disclose, strip_personal_value
from data_platform.quality.verdict import Row, RuleResult, Verdict
from data_platform.spec.product.model import Input
from data_platform.spec.rules.model import Rule
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.staging.leaves import list_leaf_paths
from data_platform.tables.staging.stage import Staged

Tables = dict[tuple[str, ...], ParquetSource]


@dataclass(frozen=True, slots=True)
class RuleRunner:
    """Runs rules in a worker; `rule_seconds` limits each rule."""

    worker: SqlWorker
    rule_seconds: float = 30.0

    def evaluate(
        self,
        tables: Tables,
        table: str,
        schema: TableSchema,
        rules: Sequence[Rule],
        also_masked: Collection[str] = (),
    ) -> Verdict:
        """Every rule's finding over `tables`, of which `table` (of `schema`) is judged.

        The schema's protected columns, encrypted ones, and those in `also_masked` are hidden as quality/protect.py
        says. The rules themselves see what the view of each source shows.
        """
        planned = [plan(rule, table) for rule in rules]
        results = self._run_rules(tables, planned)
        encrypted = {name for source in tables.values() for name in source.encrypted}
        masked = encrypted | set(schema.masked) | set(also_masked)
        rows = self._fetch_failing_rows(tables, planned, results, masked)
        with_all = (with_rows(result, rows.get(number, ()), masked) for number, result in enumerate(results))
        findings = tuple(strip_personal_value(result, masked) for result in with_all)
        return Verdict(findings, tables[(table,)].rows)

    def _run_rules(self, tables: Tables, planned: Sequence[Planned]) -> list[RuleResult]:
        """Each rule's number, judged."""
        queries = [[item.value_sql, *([item.whole_sql] if item.whole_sql else [])] for item in planned]
        answers = iter(self.run_queries(tables, [WorkerQuery(sql, "scalar") for pair in queries for sql in pair]))
        results = []
        for item in planned:
            value, whole = next(answers), next(answers) if item.whole_sql else Answer()
            results.append(judge(item.rule, value.value, whole=whole.value, error=value.error or whole.error))
        return results

    def run_queries(self, tables: Tables, queries: Sequence[WorkerQuery]) -> list[Answer]:
        """The worker's answers, in order."""
        return self.worker.run(tables, queries, deadline=self.rule_seconds) if queries else []

    def _fetch_failing_rows(
        self,
        tables: Tables,
        planned: Sequence[Planned],
        results: Sequence[RuleResult],
        masked: Collection[str],
    ) -> dict[int, Sequence[Row]]:
        """By the rule's place: up to 20 of the rows that a failed rule blames, where they may be shown."""
        wanted = {
            number: WorkerQuery(sql, "rows")
            for number, (item, result) in enumerate(zip(planned, results, strict=True))
            if has_wrong_rows(result) and may_disclose(item.rule, masked) and (sql := item.rows_sql)
        }
        answers = self.run_queries(tables, list(wanted.values()))
        return {number: answer.rows or () for number, answer in zip(wanted, answers, strict=True)}


def reads_input(query: str, needed: Input) -> bool:
    """Whether a rule's SQL may read that input."""
    return needed.data_product in query and needed.output in query


def open_staged(schema: TableSchema, staged: Staged, keys: Mapping[str, bytes]) -> ParquetSource:
    """What was staged, as something that rules may read."""
    sealed = frozenset(column.name for column in schema if column.encrypted)
    return ParquetSource(staged.paths, to_arrow(schema), sealed, keys, staged.rows, exact_bounds=True)


def verify_seal(subject: str, schema: TableSchema, staged: Staged) -> None:
    """Raises StorageFailed when PII of a file can be read without its key, or its bounds are in clear."""
    leaves = [path for column in schema if column.encrypted for path in list_leaf_paths(column)]
    if not leaves:
        return
    # DuckDB, which reads the footers, takes a twentieth of a second that data without PII need not pay.
    from data_platform.engine.seal import find_seal_breaches

    breaches = [breach for path in staged.paths for breach in find_seal_breaches(path, leaves)]
    if breaches:
        raise StorageFailed(f"{subject}: PII would be unencrypted: " + "; ".join(breaches))
