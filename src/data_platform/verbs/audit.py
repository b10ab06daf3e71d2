"""AUDIT: the rules judge the staged bytes themselves, and the verdict remembers what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_platform.engine.seal import seal_breaches
from data_platform.engine.source import Source
from data_platform.engine.worker import Answer, Query
from data_platform.errors import StorageFailed
from data_platform.quality.judge import has_wrong_rows, judge, with_rows
from data_platform.quality.plan import Planned, plan
from data_platform.quality.protect import without_personal_value
from data_platform.quality.verdict import RuleResult, Verdict
from data_platform.record import versions
from data_platform.spec.arrow import to_arrow
from data_platform.spec.product import Input
from data_platform.spec.rules import Sql
from data_platform.tables.stage import Staged, leaf_paths
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.sources import version_source
from data_platform.verbs.target import Target

InputVersions = Mapping[tuple[str, str], int]
Tables = dict[tuple[str, ...], Source]


@dataclass(frozen=True, slots=True)
class Audited:
    """A verdict and its preconditions: the input versions it read, beside the contract the target names."""

    verdict: Verdict
    inputs: InputVersions


def audit(mesh: Mesh, target: Target, staged: Staged, keys: Mapping[str, bytes]) -> Audited:
    """Proves the seal, runs every rule in the worker, and judges; raises StorageFailed when PII lies open."""
    _prove_seal(target, staged)
    schema = target.contract
    own = Source(staged.paths, to_arrow(schema), _sealed(target), keys, staged.rows)
    tables: Tables = {(target.output.name,): own}
    inputs = _input_tables(mesh, target, tables)
    planned = [plan(rule, target.output.name) for rule in target.rules]
    values = _run(mesh, tables, [Query(item.value_sql, "scalar") for item in planned])
    results = [judge(item.rule, answer.value, error=answer.error) for item, answer in zip(planned, values, strict=True)]
    return Audited(Verdict(_with_failing_rows(mesh, target, tables, planned, results)), inputs)


def _run(mesh: Mesh, tables: Tables, queries: Sequence[Query]) -> list[Answer]:
    return mesh.worker.run(tables, queries, deadline=mesh.settings.limits.rule_seconds) if queries else []


def _with_failing_rows(
    mesh: Mesh, target: Target, tables: Tables, planned: Sequence[Planned], results: Sequence[RuleResult]
) -> tuple[RuleResult, ...]:
    """The results, those that failed with up to 20 of the rows they blame; PII is masked."""
    wanted = {
        number: Query(item.rows_sql, "rows")
        for number, (item, result) in enumerate(zip(planned, results, strict=True))
        if item.rows_sql and has_wrong_rows(result)
    }
    masked = {name for source in tables.values() for name in source.encrypted} | set(target.contract.masked)
    answers = dict(zip(wanted, _run(mesh, tables, list(wanted.values())), strict=True))
    return tuple(
        without_personal_value(with_rows(result, answers[number].rows or (), masked), masked)
        if number in answers
        else without_personal_value(result, masked)
        for number, result in enumerate(results)
    )


def _sealed(target: Target) -> frozenset[str]:
    return frozenset(column.name for column in target.contract if column.encrypted)


def _input_tables(mesh: Mesh, target: Target, tables: Tables) -> InputVersions:
    """Adds the inputs that some rule names, at their newest versions."""
    queries = [rule.measure.query for rule in target.rules if isinstance(rule.measure, Sql)]
    found: dict[tuple[str, str], int] = {}
    with mesh.record.reading() as conn:
        for needed in target.product.inputs:
            version = versions.latest(conn, needed.data_product, needed.output)
            if version is not None and any(_names(query, needed) for query in queries):
                tables[(needed.data_product, needed.output)] = version_source(mesh, version)
                found[(needed.data_product, needed.output)] = version.version
    return found


def _names(query: str, needed: Input) -> bool:
    return needed.data_product in query and needed.output in query


def _prove_seal(target: Target, staged: Staged) -> None:
    leaves = [path for column in target.contract if column.encrypted for path in leaf_paths(column)]
    if not leaves:
        return
    breaches = [breach for path in staged.paths for breach in seal_breaches(path, leaves)]
    if breaches:
        raise StorageFailed(f"{target.subject}: PII would lie open: " + "; ".join(breaches))
