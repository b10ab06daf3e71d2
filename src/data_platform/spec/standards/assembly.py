"""Makes a product of documents: an ODPS with its contracts, contracts alone, or an ODPS alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data_platform.spec.product.model import DEFAULT_VERSION, Output, OutputType, Product
from data_platform.spec.product.semver import SEMVER, SemVer
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.custom import UNDECLARED, our_properties, texts
from data_platform.spec.standards.document import View
from data_platform.spec.standards.naming import named, unlike
from data_platform.spec.standards.odcs.contract_in import Contract, Table, status_of, tables_of, version_of
from data_platform.spec.standards.odps.product_in import OdpsProduct, port_type
from data_platform.spec.standards.team import owner_of, purpose_of
from data_platform.spec.text.names import name_problem, shown

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller says of the product, instead of the documents."""

    name: str | None = None
    domain: str | None = None
    owner: str | None = None


NOTHING_SAID = Wanted()


@dataclass(frozen=True)
class Part:
    """An output and where it comes from: its port of the ODPS, its contract and table."""

    output: Output
    schema: TableSchema | None = None
    port: View | None = None
    contract: Contract | None = None
    table: View | None = None


@dataclass
class Assembly:
    """The product that the documents make, and its parts in the order of its outputs.

    `inputs` are what the SQL of checks may read beside what the ODPS says, as (product, output).
    """

    odps: OdpsProduct | None
    contracts: Sequence[Contract]
    wanted: Wanted = NOTHING_SAID
    inputs: Sequence[tuple[str, str]] = ()
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts = list(self._parts())
        if not self.parts:
            hint = "write outputPorts, or give the contracts beside it"
            self._main.error("the product has no output port, and no contract was given", "outputPorts", hint=hint)
        self.product = self._product()

    @property
    def schemas(self) -> dict[str, TableSchema]:
        """The schemas by the labels of their outputs."""
        return {self.product.label(part.output): part.schema for part in self.parts if part.schema is not None}

    @property
    def _main(self) -> View:
        """The document that speaks for the product."""
        return self.odps.view if self.odps else self.contracts[0].view

    @property
    def _ours(self) -> Mapping[str, Any]:
        return self.odps.ours if self.odps else {}

    def _product(self) -> Product:
        view, ours = self._main, self._ours
        undeclared = texts(ours.get(UNDECLARED))
        name = self._name()
        id = view.text("id") if self.odps else None
        retention = ours.get("retentionDays") or next(filter(None, (c.retention_days for c in self.contracts)), None)
        version = (self.odps and version_of(view)) or (None if self.odps else self.contracts[0].version)
        product = Product(
            name=name,
            domain=self._domain(),
            owner=self._owner(),
            outputs=(),
            description=purpose_of(view),
            id=None if id == name or "id" in undeclared else id,
            version=None if "version" in undeclared else version,
            status=None if "status" in undeclared else status_of(view),
            retention_days=retention if isinstance(retention, int) else None,
            oncall=texts(ours.get("oncall")),
            alerts=texts(ours.get("alerts")),
            inputs=tuple(found for found, _ in self.odps.inputs) if self.odps else (),
            tags=view.texts("tags"),
            pii_columns=texts(ours.get("piiColumns")),
        )
        whole = replace(product, outputs=tuple(part.output for part in self.parts))
        self.parts = [replace(part, output=_settled(part, whole)) for part in self.parts]
        return replace(product, outputs=tuple(part.output for part in self.parts))

    def _name(self) -> str:
        if self.wanted.name is not None:
            return self.wanted.name
        view = self._main
        if self.odps:
            return _told(view, "name", named(view.text("name"), named(view.text("id"), "imported")))
        ours = self.contracts[0].ours
        told = ours.get("dataProductName") or ours.get("dataProductId")
        candidates = [
            view.text("dataProduct"),
            told if isinstance(told, str) else None,
            self.contracts[0].id,
            view.text("name"),
        ]
        first, dot, last = self.contracts[0].id.partition(".")
        if dot and name_problem(first) is None and name_problem(last) is None:
            candidates.insert(2, first)
        return next((name for text in candidates if (name := named(text, ""))), "imported")

    def _domain(self) -> str:
        if self.wanted.domain is not None:
            return self.wanted.domain
        views = self._speakers()
        text = next(filter(None, (view.text("domain") for view in views)), None)
        if text is None:
            self._main.warn(f"no domain is named: it is written as {UNKNOWN}", hint="--domain NAME says it")
            return UNKNOWN
        return _told(views[0], "domain", named(text, UNKNOWN), text)

    def _owner(self) -> str:
        if self.wanted.owner is not None:
            return self.wanted.owner
        found = next(filter(None, map(owner_of, self._speakers())), None)
        if found is None:
            self._main.warn(f"no owner is named: it is written as {UNKNOWN}", hint="--owner ADDRESS says it")
        return found or UNKNOWN

    def _speakers(self) -> list[View]:
        return [*([self.odps.view] if self.odps else []), *(contract.view for contract in self.contracts)]

    def _parts(self) -> Iterator[Part]:
        declared = [(i.data_product, i.output) for i, _ in self.odps.inputs] if self.odps else []
        inputs = [*self.inputs, *declared]
        taken = _Taken(self.odps.outputs if self.odps else ())
        waiting: dict[str, list[Table]] = {}
        by_id = {contract.id: contract for contract in self.contracts}
        for contract in self.contracts:
            waiting[contract.id] = tables_of(contract, taken.beside(contract.version), inputs)
            for found in waiting[contract.id]:
                taken.add(found.output.name, contract.version)
        for port in self.odps.outputs if self.odps else ():
            id = port.text("contractId") or ""
            if id and id not in by_id:
                port.warn(
                    f"no file is the contract {shown(id)}: its schema, rules and promises are missing", "contractId"
                )
            table = _table_of(port, waiting.get(id, []))
            version = port.text("version")
            part = _of_table(table, by_id[id], port) if table else _of_port(port, taken.beside(version))
            taken.add(part.output.name, version)
            yield part
        for id, tables in waiting.items():
            for table in tables:
                if self.odps:
                    message = f"no output port names the contract of {table.output.name}: it becomes an output"
                    by_id[id].view.warn(message)
                yield _of_table(table, by_id[id], None)


class _Taken:
    """Names of outputs that stand already; one that the ODPS lists by several majors is free for each of them."""

    def __init__(self, ports: Iterable[View]) -> None:
        listed = {(port.text("name"), _major(port.text("version"))) for port in ports}
        counted = Counter(name for name, _ in listed)
        self._several = {name for name, count in counted.items() if count > 1}
        self._taken: set[tuple[str, int]] = set()

    def add(self, name: str, version: str | None) -> None:
        """Takes it."""
        self._taken.add((name, _major(version)))

    def beside(self, version: str | None) -> set[str]:
        """The names that an output of that version may not have."""
        return {name for name, major in self._taken if name not in self._several or major == _major(version)}


def _major(version: str | None) -> int:
    return SemVer.of(version if version and SEMVER.fullmatch(version) else DEFAULT_VERSION).major


def _told(view: View, key: str, name: str, text: str | None = None) -> str:
    """The name, and a word when it is not what the document says."""
    said = text or view.text(key)
    if said is not None and said != name:
        view.warn(f"the {key} {said} becomes {name}", key)
    return name


def _table_of(port: View, tables: list[Table]) -> Table | None:
    """The port's table, taken from those of its contract: the one of its name, else the first."""
    name = port.text("name") or ""
    mine = [t for t in tables if t.output.name == named(name, "") or (t.view and t.view.text("name") == name)]
    if not tables:
        return None
    table = (mine or tables)[0]
    tables.remove(table)
    return table


def _of_port(port: View, taken: Collection[str]) -> Part:
    given = port.text("name")
    if given is None:
        port.error("the output port has no `name`")
    name = unlike(named(given, "output"), taken)
    if given is not None and name != given:
        port.warn(f"the output port {given} becomes the output {name}", "name")
    bare = Output(name, port_type(port), tags=port.texts("tags"))
    return Part(_with_port(bare, port), port=port)


def _of_table(table: Table, contract: Contract, port: View | None) -> Part:
    output = replace(table.output, contract_id=contract.id)
    if port is None:
        return Part(replace(output, version=contract.version), table.schema, None, contract, table.view)
    if port_type(port) is OutputType.STREAM and table.view is None:
        output = replace(output, type=OutputType.STREAM)
    return Part(_with_port(output, port), table.schema, port, contract, table.view)


def _with_port(output: Output, port: View) -> Output:
    undeclared = texts(our_properties(port.plains("customProperties")).get(UNDECLARED))
    return replace(
        output,
        description=port.text("description") or output.description,
        version=None if "version" in undeclared or "version" not in port else version_of(port),
        contract_id=port.text("contractId") or output.contract_id,
    )


def _settled(part: Part, product: Product) -> Output:
    """The output without what it would be anyway."""
    output = part.output
    usual = f"{product.name}.{output.name}"
    usual_contract = product.contract_id(replace(output, contract_id=None))
    same = part.port is None and output.version == product.version
    return replace(
        output,
        version=None if same else output.version,
        topic=None if output.topic == usual else output.topic,
        contract_id=None if output.contract_id == usual_contract else output.contract_id,
    )
