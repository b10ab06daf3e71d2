"""How staged bytes are judged, for a publish and for a test alike: the seal proved, the rules run in the worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_platform.engine.source import Source
from data_platform.engine.worker import Answer, Query, SqlWorker
from data_platform.errors import StorageFailed
from data_platform.quality.judge import has_wrong_rows, judge, with_rows
from data_platform.quality.plan import Planned, plan
from data_platform.quality.protect import without_personal_value
from data_platform.quality.verdict import Row, RuleResult, Verdict
from data_platform.spec.arrow import to_arrow
from data_platform.spec.product import Input
from data_platform.spec.rules import Rule
from data_platform.spec.types import TableSchema
from data_platform.tables.leaves import leaf_paths
from data_platform.tables.stage import Staged

Tables = dict[tuple[str, ...], Source]


@dataclass(frozen=True, slots=True)
class Court:
    """Where rules run: the worker, and the seconds that one rule may take."""

    worker: SqlWorker
    rule_seconds: float = 30.0

    def verdict(self, tables: Tables, table: str, schema: TableSchema, rules: Sequence[Rule]) -> Verdict:
        """Every rule's finding over `tables`, of which `table` (of `schema`) is judged; PII in them is masked."""
        planned = [plan(rule, table) for rule in rules]
        values = self.answers(tables, [Query(item.value_sql, "scalar") for item in planned])
        results = [
            judge(item.rule, answer.value, error=answer.error) for item, answer in zip(planned, values, strict=True)
        ]
        masked = {name for source in tables.values() for name in source.encrypted} | set(schema.masked)
        rows = self._failing_rows(tables, planned, results)
        told = (with_rows(result, rows.get(at, ()), masked) for at, result in enumerate(results))
        findings = tuple(without_personal_value(result, masked) for result in told)
        return Verdict(findings, tables[(table,)].rows)

    def answers(self, tables: Tables, queries: Sequence[Query]) -> list[Answer]:
        """The worker's answers, in order."""
        return self.worker.run(tables, queries, deadline=self.rule_seconds) if queries else []

    def _failing_rows(
        self, tables: Tables, planned: Sequence[Planned], results: Sequence[RuleResult]
    ) -> dict[int, Sequence[Row]]:
        """By the rule's place: up to 20 of the rows that a failed rule blames."""
        wanted = {
            number: Query(sql, "rows")
            for number, (item, result) in enumerate(zip(planned, results, strict=True))
            if has_wrong_rows(result) and (sql := item.rows_sql)
        }
        answers = self.answers(tables, list(wanted.values()))
        return {number: answer.rows or () for number, answer in zip(wanted, answers, strict=True)}


def names_input(query: str, needed: Input) -> bool:
    """Whether a rule's SQL may read that input."""
    return needed.data_product in query and needed.output in query


def staged_source(schema: TableSchema, staged: Staged, keys: Mapping[str, bytes]) -> Source:
    """What was staged, as something that rules may read."""
    sealed = frozenset(column.name for column in schema if column.encrypted)
    return Source(staged.paths, to_arrow(schema), sealed, keys, staged.rows, exact_bounds=True)


def prove_seal(subject: str, schema: TableSchema, staged: Staged) -> None:
    """Raises StorageFailed when a file lets PII be read without its key, or tells its bounds."""
    leaves = [path for column in schema if column.encrypted for path in leaf_paths(column)]
    if not leaves:
        return
    # DuckDB, which reads the footers, takes a twentieth of a second that data without PII need not pay.
    from data_platform.engine.seal import seal_breaches

    breaches = [breach for path in staged.paths for breach in seal_breaches(path, leaves)]
    if breaches:
        raise StorageFailed(f"{subject}: PII would lie open: " + "; ".join(breaches))
