"""Reads ODCS contracts, 3.2.0 and older: each table of one is an output with its schema, rules and promises."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data_platform.spec.product.model import Output, OutputType, ProductStatus, Sla, SlaProperty
from data_platform.spec.product.semver import SEMVER, suggest_version
from data_platform.spec.product.sla_properties import FRESHNESS, parse_sla, read_promise
from data_platform.spec.product.yaml.outputs import TOPIC
from data_platform.spec.product.yaml.unchecked_rules import CheckType
from data_platform.spec.product.yaml.vocabulary import SLA_PROPERTY
from data_platform.spec.rules.model import Rule, Unchecked
from data_platform.spec.schema.path import find_schema_path_problem
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.sql.other_engines import is_sql_engine
from data_platform.spec.standards.access_text import read_custom_access
from data_platform.spec.standards.custom import UNDECLARED, read_our_properties, read_texts
from data_platform.spec.standards.document import Document, View
from data_platform.spec.standards.naming import make_name, make_unique_name
from data_platform.spec.standards.odcs.checks_in import Checks
from data_platform.spec.standards.odcs.checks_out import is_expectation
from data_platform.spec.standards.odcs.columns_in import list_flagged, read_columns
from data_platform.spec.standards.odcs.contract_out import RETENTION_ID
from data_platform.spec.standards.odcs.older import convert_to_modern
from data_platform.spec.text.timezones import is_timezone

SCHEMA_SUFFIXES = (".json", ".avsc", ".avro")
_STREAMS = ("topic", "stream", "kafka", "event", "events")
_STATUS = {
    "production": ProductStatus.ACTIVE,
    "development": ProductStatus.DRAFT,
    "in development": ProductStatus.DRAFT,
    "current": ProductStatus.ACTIVE,
}
MOST_TABLES = 200


@dataclass(frozen=True)
class OdcsContract:
    """A contract: the document in the words of 3.2.0, and what names it."""

    view: View
    id: str
    version: str | None

    @property
    def ours(self) -> Mapping[str, Any]:
        """Our own custom properties."""
        return read_our_properties(self.view.read_plains("customProperties"))

    @property
    def retention_days(self) -> int | None:
        """The days of the property as which retention_days was exported."""
        entries = self.view.read_views("slaProperties")
        promises = [promise for promise in entries if promise.read_text("id") == RETENTION_ID]
        days = promises[0].read_number("value") if promises else None
        return days if isinstance(days, int) and 1 <= days <= 36_500 else None


@dataclass(frozen=True)
class Table:
    """A table of a contract as an output; `view` is None when the contract has none at all."""

    output: Output
    schema: TableSchema | None
    view: View | None


def read_contract(document: Document) -> OdcsContract:
    """The contract of a document whose kind is DataContract."""
    view = View(document, (), convert_to_modern(document.root))
    id = view.read_text("id")
    if id is None or not id.strip():
        view.error("the contract has no `id`", hint="write for example id: orders.order_lines")
    _judge(view)
    return OdcsContract(view, id or "", read_version(view))


def _judge(view: View) -> None:
    """Report what is of the wrong kind, also in fields that nothing else reads since an ODPS has them."""
    view.read_texts("tags")
    for field in ("description", "team"):
        view.read_view(field)
    for field in ("servers", "roles", "support"):
        view.read_views(field)


def read_version(view: View) -> str | None:
    """The version as semver; None when it is missing or no version."""
    text = view.read_text("version")
    if text is None or SEMVER.fullmatch(text):
        return text
    suggestion = suggest_version(text)
    view.warn(f"version {text} is no semantic version: taken for {suggestion or 'undeclared'}", "version")
    return suggestion


def read_status(view: View) -> ProductStatus | None:
    """The status; None when it is missing. One of no standard is a draft: nothing says that it is in use."""
    text = (view.read_text("status") or "").strip().lower()
    if text in list(ProductStatus):
        return ProductStatus(text)
    if text and text not in _STATUS:
        view.warn(
            f"the status {text} is kept, and taken for a draft", "status", hint=f"one of {', '.join(ProductStatus)}"
        )
        return ProductStatus.DRAFT
    return _STATUS.get(text)


def read_tables(contract: OdcsContract, taken: Collection[str], inputs: Sequence[tuple[str, str]] = ()) -> list[Table]:
    """The tables as outputs, their names unlike those `taken`; a contract without any is one output."""
    views = contract.view.read_views("schema")
    if len(views) > MOST_TABLES:
        contract.view.error(f"the contract has {len(views):,} tables; {MOST_TABLES} is the limit", "schema")
    if not views:
        contract.view.warn("the contract has no table: it is one output without a schema", "schema")
        name = make_name(contract.view.read_text("name") or contract.id, "output")
        sla = _read_sla(contract.view, "", (), (), alone=True)
        return [Table(Output(make_unique_name(name, taken), sla=sla), None, None)]
    tables: list[Table] = []
    for view in views[:MOST_TABLES]:
        used = {*taken, *(table.output.name for table in tables)}
        tables.append(_read_table(contract, view, used, [str(v.value.get("name")) for v in views], inputs))
    return tables


def _read_table(
    contract: OdcsContract, view: View, taken: Collection[str], tables: Sequence[str], inputs: Sequence[tuple[str, str]]
) -> Table:
    given = view.read_text("name")
    if given is None:
        view.error("the table has no `name`")
    name = make_unique_name(make_name(given, "output"), taken)
    if given is not None and name != given:
        view.warn(f"the table {given} becomes the output {name}", "name")
    ours = read_our_properties(view.read_plains("customProperties"))
    columns = read_columns(view.read_views("properties"))
    undeclared = read_texts(ours.get(UNDECLARED))
    description = ours.get("schemaDescription")
    schema = TableSchema(columns, description if isinstance(description, str) else None) if columns else None
    properties = {v.read_text("name") or "": v for v in view.read_views("properties")}
    checks = _read_checks(contract, view, name, properties, inputs)
    kind = OutputType.STREAM if (view.read_text("physicalType") or "").strip().lower() in _STREAMS else OutputType.TABLE
    output = Output(
        name=name,
        type=kind,
        description=None if "description" in undeclared else view.read_text("description") or None,
        schema_path=_choose_schema_path(view, name) if columns else None,
        topic=_read_topic(view) if kind is OutputType.STREAM else None,
        primary_key=read_texts(ours.get("primaryKey")) or list_flagged(properties, "primaryKey", "primaryKeyPosition"),
        partition_by=read_texts(ours.get("partitionBy"))
        or list_flagged(properties, "partitioned", "partitionKeyPosition"),
        sla=_with_ours(_read_sla(contract.view, given or "", tables, properties, alone=len(tables) == 1), ours),
        rules=_sort_rules(checks, read_texts(ours.get("rules"))),
        tags=view.read_texts("tags"),
        unchecked=_sort_by_name(checks.unchecked, read_texts(ours.get("unchecked"))),
        access=read_custom_access(ours),
    )
    return Table(output, schema, view)


def _format_scalar(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _choose_schema_path(view: View, name: str) -> str:
    """The file that the contract names as its implementation when it can be ours, else a new one."""
    for definition in view.read_views("authoritativeDefinitions"):
        url = definition.read_text("url") or ""
        local = url.lower().endswith(SCHEMA_SUFFIXES) and find_schema_path_problem(url) is None and len(url) <= 200
        if definition.read_text("type") == "implementation" and local and url.isprintable():
            return url
    return f"schemas/{name}.json"


def _read_topic(view: View) -> str | None:
    name = view.read_text("physicalName")
    return name if name is not None and TOPIC.fullmatch(name) and name not in (".", "..") else None


def _list_other_names(contract: OdcsContract, table: str) -> set[str]:
    """The names of the contract's tables, case-folded, except the name of the output itself."""
    views = contract.view.read_views("schema")
    names = {str(view.value.get(key) or "") for view in views for key in ("name", "physicalName")}
    return {name.casefold().rpartition(".")[2] for name in names} - {table.casefold(), ""}


def _find_engine(contract: OdcsContract) -> str | None:
    """The SQL engine of the contract's servers; None if a server is none, or rules run in it here."""
    types = [str(view.value.get("type") or "") for view in contract.view.read_views("servers")]
    return types[0] if types and all(map(is_sql_engine, types)) else None


def _read_checks(
    contract: OdcsContract, view: View, table: str, properties: Mapping[str, View], inputs: Sequence[tuple[str, str]]
) -> Checks:
    checks = Checks(table, inputs, _list_other_names(contract, table), _find_engine(contract))
    for check in view.read_views("quality"):
        column = _format_scalar(read_our_properties(check.read_plains("customProperties")).get("column"))
        _read(checks, check, column)
    for name, column_view in properties.items():
        if column_view.read_flag("unique"):
            checks.add_unique(name)
        for check in column_view.read_views("quality"):
            _read(checks, check, name)
        for path, check in _iterate_nested(column_view, name):
            checks.read(check, name, at=path)
    return checks


def _read(checks: Checks, check: View, column: str | None) -> None:
    kind = check.value.get("type", "library")
    if kind in list(CheckType):
        checks.read(check, column)
    else:
        check.error(f"the `type` of a check is one of {', '.join(CheckType)}, not {kind!r}"[:200], "type")


def _iterate_nested(view: View, path: str) -> Iterator[tuple[str, View]]:
    """The checks of what is inside a property."""
    for inner in (*view.read_views("properties"), *([view.read_view("items")] if "items" in view else ())):
        below = f"{path}.{inner.read_text('name') or 'items'}"
        for check in inner.read_views("quality"):
            yield below, check
        yield from _iterate_nested(inner, below)


def _sort_by_name(checks: Sequence[Unchecked], names: Sequence[str]) -> tuple[Unchecked, ...]:
    """The checks in the order that is written down, if one is."""
    order = {name: at for at, name in enumerate(names)}
    return tuple(sorted(checks, key=lambda check: order.get(check.name, -1)))


def _sort_rules(checks: Checks, names: Sequence[str]) -> tuple[Rule, ...]:
    """The rules in the order that is written down, else expectations last, as product.yaml has them."""
    order = {name: at for at, name in enumerate(names)}
    return tuple(sorted(checks.rules, key=lambda rule: (order.get(rule.name, -1), is_expectation(rule.declared))))


def _read_sla(view: View, table: str, tables: Sequence[str], columns: Collection[str], *, alone: bool) -> Sla:
    """What the contract promises of a table; an element that names another table is not about this one."""
    mine: list[SlaProperty] = []
    for promise in view.read_views("slaProperties"):
        said = {word: promise.read_text(word) for word in ("property", "unit", "element")}
        if said["property"] is None:
            promise.error("the promise has no `property`")
        elif isinstance(promise.value.get("value"), list | dict):
            promise.error("the `value` of a promise is text or a number", "value")
        elif promise.read_text("id") != RETENTION_ID and _is_about(said["element"], table, tables, alone=alone):
            standard_fields = {word: value for word, value in promise.value.items() if word in SLA_PROPERTY.names}
            mine.append(read_promise({**standard_fields, **said}))
    sla, source = parse_sla(mine)
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
    zone = _format_scalar(ours.get("timezone"))
    return replace(
        sla,
        timezone=zone if zone and is_timezone(zone) else None,
        freshness_column=_format_scalar(ours.get("freshnessColumn")) or sla.freshness_column,
    )
