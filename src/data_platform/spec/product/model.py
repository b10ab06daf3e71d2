"""A data product as typed, frozen data: what product.yaml says, and nothing that it does not say.

What is undeclared is None or empty, and has an `effective_…` property where the platform acts as if a value was
there; the effective value is never written back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from data_platform.spec.access.json_form import restore_access, serialize_access
from data_platform.spec.access.model import NOTHING_DECLARED, AccessSpec, override_access
from data_platform.spec.product.output_names import OutputName
from data_platform.spec.product.semver import SemVer
from data_platform.spec.product.watching import (
    AlertTerms,
    WeeklyHandover,
    restore_alerts,
    restore_oncall,
    serialize_alerts,
    serialize_oncall,
)
from data_platform.spec.rules.json_form import restore_rule, serialize_rule
from data_platform.spec.rules.model import Rule, Severity, Unchecked

DEFAULT_VERSION = "1.0.0"


class OutputType(StrEnum):
    """A table has versions that replace each other; a stream has events under a topic."""

    TABLE = "table"
    STREAM = "stream"


class ProductStatus(StrEnum):
    """ODPS 1.1.0, `status`: the stage of a product's life cycle."""

    PROPOSED = "proposed"
    DRAFT = "draft"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SlaProperty:
    """A promise beyond freshness and availability, as ODCS 3.2.0 (Service-Level Agreement) writes it.

    It is kept and exported, not measured. `more` are the standard's other fields: valueExt, driver, schedule, ….
    """

    property: str
    value: str | float | int | bool | None = None
    unit: str | None = None
    element: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Sla:
    """What an output promises; `availability` is a percentage (0–100), the `_text`s are what was written.

    `freshness_column` is the timestamp column whose newest value is the age of the data; without one it is the last
    publish. `timezone` (an IANA name) says how its naive values are meant, and where the days of a window begin.
    """

    freshness: timedelta | None = None
    availability: float | None = None
    freshness_text: str | None = None
    availability_text: str | None = None
    freshness_column: str | None = None
    timezone: str | None = None
    properties: tuple[SlaProperty, ...] = ()

    @property
    def effective_timezone(self) -> str:
        """The time zone; UTC when none is declared."""
        return self.timezone or "UTC"


@dataclass(frozen=True, slots=True)
class Output:
    """One port of a product; `schema_path` is relative to product.yaml, with forward slashes.

    Outputs with the same `contract_id` share one ODCS contract. `odcs` is what that contract says beside and instead
    of the rest (`schema` in it is this output's own), `odps` the same for the output port.
    """

    name: str
    type: OutputType = OutputType.TABLE
    description: str | None = None
    version: str | None = None
    schema_path: str | None = None
    topic: str | None = None
    primary_key: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    sla: Sla = Sla()
    rules: tuple[Rule, ...] = ()
    tags: tuple[str, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    contract_id: str | None = None
    access: AccessSpec = NOTHING_DECLARED
    odcs: Mapping[str, Any] = field(default_factory=dict, hash=False)
    odps: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a product needs of an input: `columns` that must stay, and `rules` that the producer's publish runs too.

    `enforcement` is how grave a failure should be for the producer, as far as the policies there let it.
    """

    columns: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    enforcement: Severity | None = None

    @property
    def effective_enforcement(self) -> Severity:
        """The enforcement; a warning when none is declared."""
        return self.enforcement or Severity.WARNING


@dataclass(frozen=True, slots=True)
class Input:
    """An output of another product that this one reads.

    `version` is the contract version it was built against, and keeps it on that major; without one it follows.
    """

    data_product: str
    output: str
    version: str | None = None
    odps: Mapping[str, Any] = field(default_factory=dict, hash=False)
    expectations: Expectations = Expectations()

    def __str__(self) -> str:
        return f"{self.data_product}.{self.output}"

    @property
    def wanted(self) -> OutputName:
        """The output as consumers name it: of the pinned major, or of the newest."""
        return OutputName(self.output, SemVer.parse(self.version).major if self.version else None)


@dataclass(frozen=True, slots=True)
class Product:
    """A data product; `oncall` are people in turn by week, `alerts` the channels that hear of incidents.

    `handover` says when the people on call change, `alert_terms` what a channel hears of, where that is declared.
    An output may be listed once for each of its majors, as ODPS lists its ports by name and version.
    `odps` is what its ODPS document says beside and instead of the rest.
    """

    name: str
    domain: str
    owner: str
    outputs: tuple[Output, ...]
    description: str | None = None
    id: str | None = None
    version: str | None = None
    status: ProductStatus | None = None
    retention_days: int | None = None
    oncall: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    handover: WeeklyHandover | None = None
    alert_terms: Mapping[str, AlertTerms] = field(default_factory=dict, hash=False)
    inputs: tuple[Input, ...] = ()
    tags: tuple[str, ...] = ()
    pii_columns: tuple[str, ...] = ()
    access: AccessSpec = NOTHING_DECLARED
    odps: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def effective_id(self) -> str:
        """The id that a rename does not change; the name when none is declared."""
        return self.id or self.name

    @property
    def effective_version(self) -> str:
        """The contract version (semver); 1.0.0 when none is declared."""
        return self.version or DEFAULT_VERSION

    @property
    def effective_status(self) -> ProductStatus:
        """The status; a product that says nothing is in use."""
        return self.status or ProductStatus.ACTIVE

    def find_output(self, reference: str) -> Output | None:
        """The output that `name` or `name@major` means: without a major the newest listed. None where there is none.

        An empty name means the only output. Raises BadInput for what is no reference.
        """
        wanted = OutputName.parse(reference)
        names = {output.name for output in self.outputs}
        name = wanted.name or (next(iter(names)) if len(names) == 1 else "")
        matches = [output for output in self.outputs if output.name == name]
        if wanted.major is not None:
            matches = [output for output in matches if self.major(output) == wanted.major]
        return max(matches, key=self.major, default=None)

    def label(self, output: Output) -> str:
        """The output's unique label: its name, with `@major` where a newer major is listed too."""
        newer = any(o.name == output.name and self.major(o) > self.major(output) for o in self.outputs)
        return str(OutputName(output.name, self.major(output) if newer else None))

    def major(self, output: Output) -> int:
        """The major of the output's contract version."""
        return SemVer.parse(self.output_version(output)).major

    def output_version(self, output: Output) -> str:
        """The output's contract version; the product's when it declares none of its own."""
        return output.version or self.effective_version

    def topic(self, output: Output) -> str:
        """The topic of a stream output; `product.output` when none is declared."""
        return output.topic or f"{self.name}.{output.name}"

    def find_access(self, output: Output) -> AccessSpec:
        """Who may read the output: its own `access`, and the product's where it says nothing."""
        return override_access(self.access, output.access)

    def contract_id(self, output: Output) -> str:
        """The id of the output's ODCS contract; `product.output` when none is declared."""
        return output.contract_id or f"{self.name}.{self.label(output)}"


def serialize_product(product: Product) -> dict[str, Any]:
    """The product as a JSON object, without loss; what is undeclared is left out."""
    stored = {
        "name": product.name,
        "domain": product.domain,
        "owner": product.owner,
        "outputs": [_serialize_output(output) for output in product.outputs],
        "description": product.description,
        "id": product.id,
        "version": product.version,
        "status": product.status and product.status.value,
        "retention_days": product.retention_days,
        "oncall": serialize_oncall(product.oncall, product.handover),
        "alerts": serialize_alerts(product.alerts, product.alert_terms),
        "inputs": [_serialize_input(entry) for entry in product.inputs],
        "tags": list(product.tags),
        "pii_columns": list(product.pii_columns),
        "access": serialize_access(product.access),
        "odps": dict(product.odps),
    }
    return _filter_declared(stored)


def restore_product(stored: Mapping[str, Any]) -> Product:
    """The product that `serialize_product` wrote."""
    parts = _convert_lists(stored)
    parts["outputs"] = tuple(_restore_output(output) for output in stored["outputs"])
    parts["inputs"] = tuple(_restore_input(entry) for entry in stored.get("inputs", ()))
    if "access" in stored:
        parts["access"] = restore_access(stored["access"])
    if "status" in stored:
        parts["status"] = ProductStatus(stored["status"])
    parts["oncall"], parts["handover"] = restore_oncall(stored.get("oncall"))
    parts["alerts"], parts["alert_terms"] = restore_alerts(stored.get("alerts", ()))
    return Product(**parts)


def _serialize_input(entry: Input) -> dict[str, Any]:
    wanted = entry.expectations
    expectations = {
        "columns": list(wanted.columns),
        "rules": [serialize_rule(rule) for rule in wanted.rules],
        "enforcement": wanted.enforcement and wanted.enforcement.value,
    }
    return _filter_declared({**asdict(entry), "expectations": _filter_declared(expectations)})


def _restore_input(stored: Mapping[str, Any]) -> Input:
    parts = dict(stored)
    if "expectations" in parts:
        wanted = parts["expectations"]
        rules = tuple(restore_rule(rule) for rule in wanted.get("rules", ()))
        enforcement = Severity(wanted["enforcement"]) if "enforcement" in wanted else None
        parts["expectations"] = Expectations(tuple(wanted.get("columns", ())), rules, enforcement)
    return Input(**parts)


def _serialize_output(output: Output) -> dict[str, Any]:
    stored = {
        "name": output.name,
        "type": output.type.value,
        "description": output.description,
        "version": output.version,
        "schema_path": output.schema_path,
        "topic": output.topic,
        "primary_key": list(output.primary_key),
        "partition_by": list(output.partition_by),
        "sla": _serialize_sla(output.sla),
        "rules": [serialize_rule(rule) for rule in output.rules],
        "tags": list(output.tags),
        "unchecked": [_filter_declared(asdict(check)) for check in output.unchecked],
        "contract_id": output.contract_id,
        "access": serialize_access(output.access),
        "odcs": dict(output.odcs),
        "odps": dict(output.odps),
    }
    return _filter_declared(stored)


def _restore_output(stored: Mapping[str, Any]) -> Output:
    parts = _convert_lists(stored)
    parts["type"] = OutputType(stored["type"])
    parts["rules"] = tuple(restore_rule(rule) for rule in stored.get("rules", ()))
    if "access" in stored:
        parts["access"] = restore_access(stored["access"])
    parts["sla"] = _restore_sla(stored.get("sla", {}))
    parts["unchecked"] = tuple(Unchecked(**check) for check in stored.get("unchecked", ()))
    return Output(**parts)


def _serialize_sla(sla: Sla) -> dict[str, Any]:
    stored = asdict(sla)
    stored["properties"] = [_filter_declared(asdict(promise)) for promise in sla.properties]
    if sla.freshness is not None:
        stored["freshness"] = sla.freshness // timedelta(microseconds=1)
    return _filter_declared(stored)


def _restore_sla(stored: Mapping[str, Any]) -> Sla:
    parts = dict(stored)
    if "freshness" in parts:
        parts["freshness"] = timedelta(microseconds=parts["freshness"])
    parts["properties"] = tuple(SlaProperty(**promise) for promise in stored.get("properties", ()))
    return Sla(**parts)


def _filter_declared(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stored.items() if value not in (None, [], {})}


def _convert_lists(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()}
