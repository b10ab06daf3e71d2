"""Makes a product of documents: an ODPS with its contracts, contracts alone, or an ODPS alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data_platform.spec.product.model import DEFAULT_VERSION, Output, OutputType, Product
from data_platform.spec.product.semver import SEMVER, SemVer
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.standards.access_text import read_custom_access
from data_platform.spec.standards.custom import UNDECLARED, read_our_properties, read_texts
from data_platform.spec.standards.document import View
from data_platform.spec.standards.naming import make_name, make_unique_name
from data_platform.spec.standards.odcs.contract_in import OdcsContract, Table, read_status, read_tables, read_version
from data_platform.spec.standards.odps.product_in import OdpsProduct, read_port_type
from data_platform.spec.standards.team import read_owner, read_purpose
from data_platform.spec.standards.watching import read_watching
from data_platform.spec.text.names import name_problem, quote_text

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Values that the caller sets in place of the documents'."""

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
    contract: OdcsContract | None = None
    table: View | None = None


@dataclass
class Assembly:
    """The product that the documents make, and its parts in the order of its outputs.

    `inputs` are what the SQL of checks may read beside what the ODPS says, as (product, output).
    """

    odps: OdpsProduct | None
    contracts: Sequence[OdcsContract]
    wanted: Wanted = NOTHING_SAID
    inputs: Sequence[tuple[str, str]] = ()
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts = list(self._collect_parts())
        if not self.parts:
            hint = "write outputPorts, or give the contracts beside it"
            self._main.error("the product has no output port, and no contract was given", "outputPorts", hint=hint)
        self.product = self._build_product()

    @property
    def schemas(self) -> dict[str, TableSchema]:
        """The schemas by the labels of their outputs."""
        return {self.product.label(part.output): part.schema for part in self.parts if part.schema is not None}

    @property
    def _main(self) -> View:
        """The document that describes the product."""
        return self.odps.view if self.odps else self.contracts[0].view

    @property
    def _ours(self) -> Mapping[str, Any]:
        return self.odps.ours if self.odps else {}

    def _build_product(self) -> Product:
        view, ours = self._main, self._ours
        undeclared = read_texts(ours.get(UNDECLARED))
        name = self._name()
        id = view.read_text("id") if self.odps else None
        retention = ours.get("retentionDays") or next(filter(None, (c.retention_days for c in self.contracts)), None)
        version = (self.odps and read_version(view)) or (None if self.odps else self.contracts[0].version)
        product = Product(
            name=name,
            domain=self._resolve_domain(),
            owner=self._resolve_owner(),
            outputs=(),
            description=read_purpose(view),
            id=None if id == name or "id" in undeclared else id,
            version=None if "version" in undeclared else version,
            status=None if "status" in undeclared else read_status(view),
            retention_days=retention if isinstance(retention, int) else None,
            **read_watching(ours),
            inputs=tuple(entry for entry, _ in self.odps.inputs) if self.odps else (),
            tags=view.read_texts("tags"),
            pii_columns=read_texts(ours.get("piiColumns")),
            access=read_custom_access(ours),
        )
        whole = replace(product, outputs=tuple(part.output for part in self.parts))
        self.parts = [replace(part, output=_remove_defaults(part, whole)) for part in self.parts]
        return replace(product, outputs=tuple(part.output for part in self.parts))

    def _name(self) -> str:
        if self.wanted.name is not None:
            return self.wanted.name
        view = self._main
        if self.odps:
            name = make_name(view.read_text("name"), make_name(view.read_text("id"), "imported"))
            return _choose_name(view, "name", name)
        ours = self.contracts[0].ours
        given_name = ours.get("dataProductName") or ours.get("dataProductId")
        candidates = [
            view.read_text("dataProduct"),
            given_name if isinstance(given_name, str) else None,
            self.contracts[0].id,
            view.read_text("name"),
        ]
        first, dot, last = self.contracts[0].id.partition(".")
        if dot and name_problem(first) is None and name_problem(last) is None:
            candidates.insert(2, first)
        return next((name for text in candidates if (name := make_name(text, ""))), "imported")

    def _resolve_domain(self) -> str:
        if self.wanted.domain is not None:
            return self.wanted.domain
        views = self._list_speakers()
        text = next(filter(None, (view.read_text("domain") for view in views)), None)
        if text is None:
            self._main.warn(f"no domain is named: it is written as {UNKNOWN}", hint="--domain NAME says it")
            return UNKNOWN
        return _choose_name(views[0], "domain", make_name(text, UNKNOWN), text)

    def _resolve_owner(self) -> str:
        if self.wanted.owner is not None:
            return self.wanted.owner
        owner = next(filter(None, map(read_owner, self._list_speakers())), None)
        if owner is None:
            self._main.warn(f"no owner is named: it is written as {UNKNOWN}", hint="--owner ADDRESS says it")
        return owner or UNKNOWN

    def _list_speakers(self) -> list[View]:
        return [*([self.odps.view] if self.odps else []), *(contract.view for contract in self.contracts)]

    def _collect_parts(self) -> Iterator[Part]:
        declared = [(i.data_product, i.output) for i, _ in self.odps.inputs] if self.odps else []
        inputs = [*self.inputs, *declared]
        taken = _Taken(self.odps.outputs if self.odps else ())
        waiting: dict[str, list[Table]] = {}
        by_id = {contract.id: contract for contract in self.contracts}
        for contract in self.contracts:
            waiting[contract.id] = read_tables(contract, taken.list_taken(contract.version), inputs)
            for waiting_port in waiting[contract.id]:
                taken.add(waiting_port.output.name, contract.version)
        for port in self.odps.outputs if self.odps else ():
            id = port.read_text("contractId") or ""
            if id and id not in by_id:
                port.warn(
                    f"no file is the contract {quote_text(id)}: its schema, rules and promises are missing",
                    "contractId",
                )
            table = _take_table(port, waiting.get(id, []))
            version = port.read_text("version")
            names = taken.list_taken(version)
            part = _make_table_part(table, by_id[id], port) if table else _make_port_part(port, names)
            taken.add(part.output.name, version)
            yield part
        for id, tables in waiting.items():
            for table in tables:
                if self.odps:
                    message = f"no output port names the contract of {table.output.name}: it becomes an output"
                    by_id[id].view.warn(message)
                yield _make_table_part(table, by_id[id], None)


class _Taken:
    """Names of outputs that are taken; one that the ODPS lists by several majors is free for each of them."""

    def __init__(self, ports: Iterable[View]) -> None:
        listed = {(port.read_text("name"), _parse_major(port.read_text("version"))) for port in ports}
        counted = Counter(name for name, _ in listed)
        self._several = {name for name, count in counted.items() if count > 1}
        self._taken: set[tuple[str, int]] = set()

    def add(self, name: str, version: str | None) -> None:
        """Mark the output's name as taken."""
        self._taken.add((name, _parse_major(version)))

    def list_taken(self, version: str | None) -> set[str]:
        """The names that an output of that version may not have."""
        return {name for name, major in self._taken if name not in self._several or major == _parse_major(version)}


def _parse_major(version: str | None) -> int:
    return SemVer.parse(version if version and SEMVER.fullmatch(version) else DEFAULT_VERSION).major


def _choose_name(view: View, key: str, name: str, text: str | None = None) -> str:
    """The name; a warning is noted when it differs from the document's."""
    said = text or view.read_text(key)
    if said is not None and said != name:
        view.warn(f"the {key} {said} becomes {name}", key)
    return name


def _take_table(port: View, tables: list[Table]) -> Table | None:
    """The port's table, taken from those of its contract: the one of its name, else the first."""
    name = port.read_text("name") or ""
    mine = [t for t in tables if t.output.name == make_name(name, "") or (t.view and t.view.read_text("name") == name)]
    if not tables:
        return None
    table = (mine or tables)[0]
    tables.remove(table)
    return table


def _make_port_part(port: View, taken: Collection[str]) -> Part:
    given = port.read_text("name")
    if given is None:
        port.error("the output port has no `name`")
    name = make_unique_name(make_name(given, "output"), taken)
    if given is not None and name != given:
        port.warn(f"the output port {given} becomes the output {name}", "name")
    bare = Output(name, read_port_type(port), tags=port.read_texts("tags"))
    return Part(_with_port(bare, port), port=port)


def _make_table_part(table: Table, contract: OdcsContract, port: View | None) -> Part:
    output = replace(table.output, contract_id=contract.id)
    if port is None:
        return Part(replace(output, version=contract.version), table.schema, None, contract, table.view)
    if read_port_type(port) is OutputType.STREAM and table.view is None:
        output = replace(output, type=OutputType.STREAM)
    return Part(_with_port(output, port), table.schema, port, contract, table.view)


def _with_port(output: Output, port: View) -> Output:
    ours = read_our_properties(port.read_plains("customProperties"))
    undeclared = read_texts(ours.get(UNDECLARED))
    return replace(
        output,
        description=port.read_text("description") or output.description,
        version=None if "version" in undeclared or "version" not in port else read_version(port),
        contract_id=port.read_text("contractId") or output.contract_id,
        access=read_custom_access(ours),
    )


def _remove_defaults(part: Part, product: Product) -> Output:
    """The output without values that equal its defaults."""
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
