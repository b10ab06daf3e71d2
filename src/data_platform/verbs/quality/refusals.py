"""refusals: the publishes that rules or policies refused, with the rules that failed and some of the failing rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.access.reading import Occasion
from data_platform.access.view import WHOLE_TABLE, TableView
from data_platform.errors import BadInput
from data_platform.quality.score import to_dimension
from data_platform.record.catalog import outputs
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.governance import judgements
from data_platform.record.governance.judgements import AuditRow
from data_platform.spec.access.row_filters import EVERY_ROW
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.rules.model import Rule, Severity
from data_platform.verbs.core.authorization.access_facts import find_facts
from data_platform.verbs.core.authorization.measurements import hide_measurement
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import map_labels, resolve_output, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import RefusedPublish, RefusedRule, RuleStatus

LISTED, MOST_LISTED = 20, 500
_MASKED = "***"
_RECORDED = ("rule", "severity", "passed", "value", "operator", "threshold", "unit", "error", "note")


@dataclass(frozen=True, slots=True)
class ListRefusals(Request[list[RefusedPublish]]):
    """The last `limit` publishes to a product, or to one of its outputs, that were refused."""

    product: str
    output: str | None = None
    limit: int = LISTED


def list_refusals(context: Context, request: ListRefusals) -> list[RefusedPublish]:
    """The refusals, newest first; raises NotFound, BadInput.

    Failing rows are masked as at the refusal. Who may publish the output sees them; others see what was measured.
    """
    if not 0 <= request.limit <= MOST_LISTED:
        raise BadInput(f"a list of {request.limit} refusals cannot be", hint=f"limit is at most {MOST_LISTED}")
    with context.record.reading() as conn:
        product = resolve_product(conn, request.product)
        key = resolve_output(conn, product.name, request.output).name if request.output is not None else None
        rows = outputs.list_by_product(conn, product.name)
        labels, part = map_labels(rows), find_visible_part(context, conn)
        visible = {row.name: _VisibleRefusals.of(context, conn, product, row, part) for row in rows}
        return [
            visible[judged.output].build(judged, labels[judged.output])
            for judged in judgements.list_refusals(conn, product.name, key, request.limit)
        ]


@dataclass(frozen=True, slots=True)
class _VisibleRefusals:
    """What the caller sees of the refusals of one output; `masked` are its personal columns as they are now."""

    view: TableView
    masked: frozenset[str]
    rules: tuple[Rule, ...]
    part: VisiblePart
    shows_rows: bool

    @classmethod
    def of(
        cls, context: Context, conn: Connection, product: ProductRow, row: OutputRow, part: VisiblePart
    ) -> _VisibleRefusals:
        name, schema = OutputName.parse(row.name).name, row.schema
        resource = Resource.of(product.name, name)
        facts = find_facts(conn, resource, context.principal)
        may_publish = decide(context.principal, Action.PUBLISH, resource, facts, Occasion(context.clock())).allowed
        view, personal = WHOLE_TABLE, frozenset(schema.masked if schema else ())
        if context.decision is not None and schema is not None:
            view = context.decision.view_columns(row.name, schema, personal)
        declared = (output.rules for output in product.contract.product.outputs if output.name == name)
        rules = tuple(rule for rules in declared for rule in rules)
        return cls(view, personal | view.masks.keys(), rules, part, may_publish and view.condition == EVERY_ROW)

    def build(self, row: AuditRow, label: str) -> RefusedPublish:
        """The refusal, with the rules that refused it first."""
        failed = sorted(self._build_rules(row, label), key=lambda rule: rule.status.severity != Severity.BLOCKING.value)
        return RefusedPublish(row.id, label, row.at, row.by, tuple(failed), self.shows_rows)

    def _build_rules(self, row: AuditRow, label: str) -> Iterator[RefusedRule]:
        for result in row.results:
            is_hidden = not self.part.shows_rule(result["rule"])
            if result["passed"] or (is_hidden and result["severity"] != Severity.BLOCKING.value):
                continue
            status = self._hide_texts(_build_status(row, label, result), is_hidden=is_hidden)
            rows = _mask_rows(result.get("rows") or (), self.masked) if self.shows_rows else ()
            yield RefusedRule(hide_measurement(status, self.view, self.rules), rows)

    def _hide_texts(self, status: RuleStatus, *, is_hidden: bool) -> RuleStatus:
        """The rule without names of products that the caller does not find, as at the refusal."""
        if is_hidden:
            status = replace(status, rule="a product that is hidden: an expectation", note=None)
        if status.error and (is_hidden or self.part.names_hidden(status.error)):
            return replace(status, error="it gave no verdict")
        return status


def _build_status(row: AuditRow, label: str, result: Mapping[str, Any]) -> RuleStatus:
    facts = {name: result.get(name) for name in _RECORDED}
    return RuleStatus(label, at=row.at, dimension=to_dimension(result["dimension"] or ""), last=(), **facts)  # type: ignore[arg-type]


def _mask_rows(rows: Iterable[Mapping[str, Any]], masked: Collection[str]) -> tuple[dict[str, Any], ...]:
    """The rows, also without what became personal data after the refusal."""
    return tuple({name: _MASKED if name in masked else value for name, value in row.items()} for row in rows)
