"""Reads ODCS contracts, 3.2.0 and older: each table of one is an output with its schema, rules and promises."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data_platform.spec.product.model import Output, OutputType, Sla, SlaProperty, Status
from data_platform.spec.product.semver import SEMVER, suggested_version
from data_platform.spec.product.sla_properties import FRESHNESS, promise_of, sla_of
from data_platform.spec.product.yaml.outputs import TOPIC
from data_platform.spec.product.yaml.unchecked import CheckType
from data_platform.spec.product.yaml.vocabulary import SLA_PROPERTY
from data_platform.spec.rules.model import Rule, Unchecked
from data_platform.spec.schema.path import schema_path_problem
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.custom import UNDECLARED, our_properties, texts
from data_platform.spec.standards.document import Document, View
from data_platform.spec.standards.naming import named, unlike
from data_platform.spec.standards.odcs.checks_in import Checks
from data_platform.spec.standards.odcs.checks_out import is_expectation
from data_platform.spec.standards.odcs.columns_in import columns_of, flagged
from data_platform.spec.standards.odcs.contract_out import RETENTION_ID
from data_platform.spec.standards.odcs.older import modern
from data_platform.spec.text.timezones import is_timezone

SCHEMA_SUFFIXES = (".json", ".avsc", ".avro")
_STREAMS = ("topic", "stream", "kafka", "event", "events")
_STATUS = {
    "production": Status.ACTIVE,
    "development": Status.DRAFT,
    "in development": Status.DRAFT,
    "current": Status.ACTIVE,
}
MOST_TABLES = 200


@dataclass(frozen=True)
class Contract:
    """A contract: the document in the words of 3.2.0, and what names it."""

    view: View
    id: str
    version: str | None

    @property
    def ours(self) -> Mapping[str, Any]:
        """Our own custom properties."""
        return our_properties(self.view.plains("customProperties"))

    @property
    def retention_days(self) -> int | None:
        """What a product's retention_days was written as."""
        found = [promise for promise in self.view.views("slaProperties") if promise.text("id") == RETENTION_ID]
        days = found[0].number("value") if found else None
        return days if isinstance(days, int) and 1 <= days <= 36_500 else None


@dataclass(frozen=True)
class Table:
    """A table of a contract as an output; `view` is None when the contract has none at all."""

    output: Output
    schema: TableSchema | None
    view: View | None


def read_contract(document: Document) -> Contract:
    """The contract of a document whose kind is DataContract."""
    view = View(document, (), modern(document.root))
    id = view.text("id")
    if id is None or not id.strip():
        view.error("the contract has no `id`", hint="write for example id: orders.order_lines")
    _judge(view)
    return Contract(view, id or "", version_of(view))


def _judge(view: View) -> None:
    """Report what is of the wrong kind, also where an ODPS speaks for the product and nobody else would look."""
    view.texts("tags")
    for field in ("description", "team"):
        view.view(field)
    for field in ("servers", "roles", "support"):
        view.views(field)


def version_of(view: View) -> str | None:
    """The version as semver; None when it is missing or no version."""
    text = view.text("version")
    if text is None or SEMVER.fullmatch(text):
        return text
    meant = suggested_version(text)
    view.warn(f"version {text} is no semantic version: taken for {meant or 'undeclared'}", "version")
    return meant


def status_of(view: View) -> Status | None:
    """The status; None when it is missing. One of no standard is a draft: nobody can tell that it is in use."""
    text = (view.text("status") or "").strip().lower()
    if text in list(Status):
        return Status(text)
    if text and text not in _STATUS:
        view.warn(f"the status {text} is kept, and taken for a draft", "status", hint=f"one of {', '.join(Status)}")
        return Status.DRAFT
    return _STATUS.get(text)


def tables_of(contract: Contract, taken: Collection[str], inputs: Sequence[tuple[str, str]] = ()) -> list[Table]:
    """The tables as outputs, their names unlike those `taken`; a contract without any is one output."""
    views = contract.view.views("schema")
    if len(views) > MOST_TABLES:
        contract.view.error(f"the contract has {len(views):,} tables; {MOST_TABLES} is the limit", "schema")
    if not views:
        contract.view.warn("the contract has no table: it is one output without a schema", "schema")
        name = named(contract.view.text("name") or contract.id, "output")
        sla = _sla(contract.view, "", (), (), alone=True)
        return [Table(Output(unlike(name, taken), sla=sla), None, None)]
    found: list[Table] = []
    for view in views[:MOST_TABLES]:
        used = {*taken, *(table.output.name for table in found)}
        found.append(_table(contract, view, used, [str(v.value.get("name")) for v in views], inputs))
    return found


def _table(
    contract: Contract, view: View, taken: Collection[str], tables: Sequence[str], inputs: Sequence[tuple[str, str]]
) -> Table:
    given = view.text("name")
    if given is None:
        view.error("the table has no `name`")
    name = unlike(named(given, "output"), taken)
    if given is not None and name != given:
        view.warn(f"the table {given} becomes the output {name}", "name")
    ours = our_properties(view.plains("customProperties"))
    columns = columns_of(view.views("properties"))
    description = ours.get("schemaDescription")
    schema = TableSchema(columns, description if isinstance(description, str) else None) if columns else None
    properties = {v.text("name") or "": v for v in view.views("properties")}
    checks = _checks(view, name, properties, inputs)
    kind = OutputType.STREAM if (view.text("physicalType") or "").strip().lower() in _STREAMS else OutputType.TABLE
    output = Output(
        name=name,
        type=kind,
        description=None if "description" in texts(ours.get(UNDECLARED)) else view.text("description") or None,
        schema_path=_schema_path(view, name) if columns else None,
        topic=_topic(view) if kind is OutputType.STREAM else None,
        primary_key=texts(ours.get("primaryKey")) or flagged(properties, "primaryKey", "primaryKeyPosition"),
        partition_by=texts(ours.get("partitionBy")) or flagged(properties, "partitioned", "partitionKeyPosition"),
        sla=_with_ours(_sla(contract.view, given or "", tables, properties, alone=len(tables) == 1), ours),
        rules=_ordered(checks, texts(ours.get("rules"))),
        tags=view.texts("tags"),
        unchecked=_by_name(checks.unchecked, texts(ours.get("unchecked"))),
    )
    return Table(output, schema, view)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _schema_path(view: View, name: str) -> str:
    """The file that the contract names as its implementation when it can be ours, else a new one."""
    for definition in view.views("authoritativeDefinitions"):
        url = definition.text("url") or ""
        local = url.lower().endswith(SCHEMA_SUFFIXES) and schema_path_problem(url) is None and len(url) <= 200
        if definition.text("type") == "implementation" and local and url.isprintable():
            return url
    return f"schemas/{name}.json"


def _topic(view: View) -> str | None:
    name = view.text("physicalName")
    return name if name is not None and TOPIC.fullmatch(name) and name not in (".", "..") else None


def _checks(view: View, table: str, properties: Mapping[str, View], inputs: Sequence[tuple[str, str]]) -> Checks:
    checks = Checks(table, inputs)
    for check in view.views("quality"):
        column = _text(our_properties(check.plains("customProperties")).get("column"))
        _read(checks, check, column)
    for name, column_view in properties.items():
        if column_view.flag("unique"):
            checks.unique(name)
        for check in column_view.views("quality"):
            _read(checks, check, name)
        for path, check in _nested(column_view, name):
            checks.read(check, name, at=path)
    return checks


def _read(checks: Checks, check: View, column: str | None) -> None:
    kind = check.value.get("type", "library")
    if kind in list(CheckType):
        checks.read(check, column)
    else:
        check.error(f"the `type` of a check is one of {', '.join(CheckType)}, not {kind!r}"[:200], "type")


def _nested(view: View, path: str) -> Iterator[tuple[str, View]]:
    """The checks of what is inside a property."""
    for inner in (*view.views("properties"), *([view.view("items")] if "items" in view else ())):
        below = f"{path}.{inner.text('name') or 'items'}"
        for check in inner.views("quality"):
            yield below, check
        yield from _nested(inner, below)


def _by_name(checks: Sequence[Unchecked], names: Sequence[str]) -> tuple[Unchecked, ...]:
    """The checks in the order that is written down, if one is."""
    order = {name: at for at, name in enumerate(names)}
    return tuple(sorted(checks, key=lambda check: order.get(check.name, -1)))


def _ordered(checks: Checks, names: Sequence[str]) -> tuple[Rule, ...]:
    """The rules in the order that is written down, else expectations last, as product.yaml has them."""
    order = {name: at for at, name in enumerate(names)}
    return tuple(sorted(checks.rules, key=lambda rule: (order.get(rule.name, -1), is_expectation(rule.declared))))


def _sla(view: View, table: str, tables: Sequence[str], columns: Collection[str], *, alone: bool) -> Sla:
    """What the contract promises of a table; an element that names another table is not about this one."""
    mine: list[SlaProperty] = []
    for promise in view.views("slaProperties"):
        said = {word: promise.text(word) for word in ("property", "unit", "element")}
        if said["property"] is None:
            promise.error("the promise has no `property`")
        elif isinstance(promise.value.get("value"), list | dict):
            promise.error("the `value` of a promise is text or a number", "value")
        elif promise.text("id") != RETENTION_ID and _is_about(promise.text("element"), table, tables, alone=alone):
            known = {word: value for word, value in promise.value.items() if word in SLA_PROPERTY.names}
            mine.append(promise_of({**known, **said}))
    sla, source = sla_of(mine)
    element = source.element if source else None
    if element is None or element == table:
        return sla
    column = element.rpartition(".")[2]
    if column in columns or not columns:
        return replace(sla, freshness_column=column)
    view.warn(
        f"{FRESHNESS[0]} is about {element}, which is no column here: the last publish is its measure", "slaProperties"
    )
    return sla


def _is_about(element: str | None, table: str, tables: Sequence[str], *, alone: bool) -> bool:
    of = (element or "").partition(".")[0]
    return alone or of not in tables or of == table


def _with_ours(sla: Sla, ours: Mapping[str, Any]) -> Sla:
    zone = _text(ours.get("timezone"))
    return replace(
        sla,
        timezone=zone if zone and is_timezone(zone) else None,
        freshness_column=_text(ours.get("freshnessColumn")) or sla.freshness_column,
    )
