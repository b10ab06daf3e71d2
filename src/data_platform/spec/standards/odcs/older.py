"""Converts older contracts to the words of ODCS 3.2.0, and leaves out empty values.

Spelled anew: apiVersion; `team` as a list; `slaDefaultElement`; the metric as `rule`; the promise `freshness`, which
is the standard's latency; the units of what we measure; and the whole of v2.2. Left out: what is null, and what says
the standard's default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from data_platform.spec.product.model import SlaProperty
from data_platform.spec.product.sla_properties import list_promises, parse_sla
from data_platform.spec.standards.odcs.contract_out import API_VERSION

Json = dict[str, Any]

_DEFAULTS: Mapping[str, Any] = {
    "required": False,
    "unique": False,
    "primaryKey": False,
    "primaryKeyPosition": -1,
    "partitioned": False,
    "partitionKeyPosition": -1,
    "criticalDataElement": False,
    "deprecated": False,
    "tags": [],
    "logicalType": "",
    "physicalType": "",
}
_VERBATIM = ("value", "valueExt", "arguments", "implementation", "examples", "customProperties", "logicalTypeOptions")
"""Fields for extensions, which may contain nulls and words of ours."""

_METRICS = {
    "duplicateCount": "duplicateValues",
    "uniqueCheck": "duplicateValues",
    "nullCheck": "nullValues",
    "nullCount": "nullValues",
    "validValues": "invalidValues",
    "countCheck": "rowCount",
}


def convert_to_modern(contract: Mapping[str, Any]) -> Json:
    """The contract as ODCS 3.2.0 spells it; values of the wrong kind stay for the reader to report."""
    document: Json = _remove_nulls(contract)
    if str(document.get("apiVersion", "")).removeprefix("v").startswith("2."):
        document = _convert_version_2(document)
    document["apiVersion"] = API_VERSION
    if isinstance(document.get("team"), list):
        document["team"] = {"members": document["team"]}
    if isinstance(document.get("description"), str):
        document["description"] = {"purpose": document["description"]}
    _convert_promises(document)
    for member in _list_mappings(document["team"].get("members")) if isinstance(document.get("team"), dict) else ():
        if "comment" in member and "description" not in member:
            member["description"] = member.pop("comment")
    for table in _list_mappings(document.get("schema")):
        _convert_checks(table)
    return document


def _remove_nulls(value: Any) -> Any:
    """Mappings without nulls and defaults."""
    if isinstance(value, Mapping):
        return {
            key: item if key in _VERBATIM else _remove_nulls(item)
            for key, item in value.items()
            if (item is not None or key in _VERBATIM) and not (key in _DEFAULTS and _is(item, _DEFAULTS[key]))
        }
    return [_remove_nulls(item) for item in value] if isinstance(value, list) else value


def _is(value: Any, default: Any) -> bool:
    return type(value) is type(default) and value == default


def _list_mappings(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _convert_promises(contract: Json) -> None:
    default = contract.pop("slaDefaultElement", None)
    for promise in _list_mappings(contract.get("slaProperties")):
        if "column" in promise and "element" not in promise:
            promise["element"] = promise.pop("column")
        if promise.get("property") == "freshness":
            promise["property"] = "latency"
        if default is not None and promise.get("property") == "latency":
            promise.setdefault("element", default)
        promise.update(_convert_promise(promise))
    if default is not None and not _list_mappings(contract.get("slaProperties")):
        contract["slaDefaultElement"] = default


def _convert_promise(promise: Json) -> Json:
    """Value and unit of what we measure, the unit as a word: 4 and `d` are 4 days, "99.9%" is 99.9 percent."""
    if not isinstance(promise.get("property"), str) or isinstance(promise.get("value"), list | dict):
        return {}
    unit = promise.get("unit")
    one = SlaProperty(promise["property"], promise.get("value"), unit if isinstance(unit, str) else None)
    sla, _ = parse_sla([one])
    measured = list_promises(replace(sla, properties=()), "")
    return {key: measured[0][key] for key in ("value", "unit")} if measured else {}


def _convert_ends(element: Json) -> None:
    """`exclusiveMaximum: true` beside `maximum`, as older drafts of JSON Schema have it."""
    options = element.get("logicalTypeOptions")
    if not isinstance(options, dict):
        return
    options = element["logicalTypeOptions"] = dict(options)
    for opened, closed in (("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")):
        is_word = isinstance(options.get(opened), bool)
        if is_word and options.pop(opened) and closed in options:
            options[opened] = options.pop(closed)


def _convert_checks(element: Json) -> None:
    _convert_ends(element)
    for check in _list_mappings(element.get("quality")):
        if "rule" in check and "metric" not in check:
            word = str(check.pop("rule"))
            check["metric"] = _METRICS.get(word, word)
        if "metric" in check or "type" not in check:
            check.setdefault("type", "library")
    for inner in (*_list_mappings(element.get("properties")), *_list_mappings([element.get("items")])):
        _convert_checks(inner)


_V2_TOP = {"uuid": "id", "quantumName": "dataProduct", "datasetDomain": "domain", "datasetName": "name"}
_V2_TABLE = {"table": "name", "columns": "properties"}
_V2_COLUMN = {
    "column": "name",
    "isPrimaryKey": "primaryKey",
    "isUnique": "unique",
    "partitionStatus": "partitioned",
    "criticalDataElementStatus": "criticalDataElement",
    "encryptedColumnName": "encryptedName",
    "transformSourceTables": "transformSourceObjects",
    "sampleValues": "examples",
}
_V2_ONLY = ("sourcePlatform", "sourceSystem", "datasetProject", "datasetKind", "driver", "driverVersion", "project")
_V2_SERVER = ("server", "database", "username", "password", "schedulerAppName", "type", "productDl")
_V2_MORE = ("productSlackChannel", "productFeedbackUrl", "userConsumptionMode", "templateName", "systemInstance")


def _convert_version_2(contract: Json) -> Json:
    """ODCS 2.2: `dataset[].columns[]`, `stakeholders`, `slaDefaultColumn`; what 3.2 has no field for becomes custom."""
    document = {_V2_TOP.get(key, key): value for key, value in contract.items()}
    if "dataset" in document:
        document["schema"] = [_convert_v2_table(table) for table in _list_mappings(document.pop("dataset"))]
    if "stakeholders" in document:
        document["team"] = {"members": document.pop("stakeholders")}
    if "slaDefaultColumn" in document:
        document["slaDefaultElement"] = document.pop("slaDefaultColumn")
    for promise in _list_mappings(document.get("slaProperties")):
        if "column" in promise:
            promise["element"] = promise.pop("column")
    old = {key: document.pop(key) for key in (*_V2_ONLY, *_V2_SERVER, *_V2_MORE) if key in document}
    old.pop("password", None)
    return _with_custom(document, old)


def _convert_v2_table(table: Json) -> Json:
    fields = {_V2_TABLE.get(key, key): value for key, value in table.items()}
    old = {key: fields.pop(key) for key in ("priorTableName",) if key in fields}
    if "properties" in fields:
        fields["properties"] = [_convert_v2_column(column) for column in _list_mappings(fields["properties"])]
    _convert_v2_checks(fields)
    return _with_custom(fields, old)


def _convert_v2_column(column: Json) -> Json:
    fields = {_V2_COLUMN.get(key, key): value for key, value in column.items()}
    if "isNullable" in fields:
        fields["required"] = fields.pop("isNullable") is False
    old: Json = {key: fields.pop(key) for key in ("clusterStatus", "clusterKeyPosition") if key in fields}
    _convert_v2_checks(fields)
    return _with_custom(_remove_nulls(fields), old)


def _convert_v2_checks(element: Json) -> None:
    """A check of 2.2 names a template of some tool: a custom check of that engine."""
    if "quality" in element:
        element["quality"] = [_convert_v2_check(check) for check in _list_mappings(element["quality"])]


def _convert_v2_check(check: Json) -> Json:
    kept = ("description", "dimension", "severity", "businessImpact", "customProperties")
    fields = {key: check[key] for key in kept if key in check}
    if "scheduleCronExpression" in check:
        fields |= {"scheduler": "cron", "schedule": check["scheduleCronExpression"]}
    done = (*kept, "scheduleCronExpression", "toolName")
    rest = {key: value for key, value in check.items() if key not in done}
    name = {"name": rest["code"]} if isinstance(rest.get("code"), str) else {}
    return {**name, "type": "custom", "engine": str(check.get("toolName", "unknown")), "implementation": rest, **fields}


def _with_custom(element: Json, old: Mapping[str, Any]) -> Json:
    if not old:
        return element
    more = [{"property": key, "value": value} for key, value in old.items()]
    given = element.get("customProperties")
    return {**element, "customProperties": [*(given if isinstance(given, list) else []), *more]}
