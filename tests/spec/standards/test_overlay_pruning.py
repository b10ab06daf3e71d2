"""An edit of product.yaml is what is exported, whatever the overlays of a foreign document say; the rest stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from data_platform.spec.product.loading import ProductFile, load_product
from data_platform.spec.product.model import Output, OutputType, Product, ProductStatus, Sla
from data_platform.spec.rules.model import Bound, Operator, Rule, Severity
from data_platform.spec.schema.types import NO_CONSTRAINTS, Kind, Primitive, SchemaColumn, TableSchema
from data_platform.spec.standards.exporting import Exported, Standard, export, export_file
from data_platform.spec.standards.importing import Imported, Wanted, import_files
from tests.spec.standards.official import EXAMPLES, STANDARDS, Texts, need_standards, validator

Known = dict[str, TableSchema]
HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: c\nname: orders\nversion: v1.1.0\nstatus: in development\n"
CONTRACT = (
    HEAD
    + """\
domain: Sales Domain
team: [{username: ana@x, role: Owner, dateIn: 2024-01-01}, {username: bob@x, role: dev}]
slaProperties: [{property: latency, value: 4, unit: d, element: t.day, driver: regulatory}]
schema:
  - name: T
    businessName: Orders
    properties:
      - {name: code, logicalType: string, physicalType: varchar(18), businessName: Code, description: A code.}
      - name: day
        logicalType: date
        physicalType: DATE
        quality: [{type: sql, query: SELECT COUNT(*) FROM t, mustBe: 0, severity: critical, schedule: daily}]
"""
)


def a_contract(folder: Path, text: str = CONTRACT) -> Path:
    path = folder / "c.odcs.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def saved(folder: Path, exported: Exported) -> list[Path]:
    for name, text in exported.texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in exported.texts]


def bare(product: Product) -> Product:
    """The product without its overlays."""
    inputs = tuple(replace(each, odps={}) for each in product.inputs)
    return replace(product, odps={}, inputs=inputs, outputs=tuple(map(_bare_output, product.outputs)))


def _bare_output(output: Output) -> Output:
    rules = tuple(replace(rule, odcs={}) for rule in output.rules)
    return replace(output, odcs={}, odps={}, rules=rules)


def every_output(product: Product, change: Callable[[Output], Output]) -> Product:
    return replace(product, outputs=tuple(map(change, product.outputs)))


def every_rule(product: Product, change: Callable[[Rule], Rule]) -> Product:
    def changed(output: Output) -> Output:
        return replace(output, rules=tuple(r if r.measure is None or _is_fixed(r) else change(r) for r in output.rules))

    return every_output(product, changed)


def _is_fixed(rule: Rule) -> bool:
    """Whether the rule is an expectation, which says itself what it demands, or `unique: true`."""
    return rule.declared is not None and (rule.declared.name.startswith("expect") or rule.name.startswith("unique("))


def every_column(known: Known, change: Callable[[SchemaColumn], SchemaColumn]) -> Known:
    return {name: replace(schema, columns=tuple(map(change, schema.columns))) for name, schema in known.items()}


def other_type(column: SchemaColumn) -> SchemaColumn:
    kind = Kind.LONG if column.type != Primitive(Kind.LONG) else Kind.STRING
    return replace(column, type=Primitive(kind), constraints=NO_CONSTRAINTS)


PRODUCTS: dict[str, Callable[[Product], Product]] = {
    "version": lambda p: replace(p, version="9.9.9"),
    "owner": lambda p: replace(p, owner="new-owner@example.com"),
    "owning team": lambda p: replace(p, owner="new team"),
    "status": lambda p: replace(
        p, status=ProductStatus.RETIRED if p.status is not ProductStatus.RETIRED else ProductStatus.ACTIVE
    ),
    "domain": lambda p: replace(p, domain="elsewhere"),
    "description": lambda p: replace(p, description="Another description."),
    "tags": lambda p: replace(p, tags=("another",)),
    "output description": lambda p: every_output(p, lambda o: replace(o, description="Another.")),
    "output tags": lambda p: every_output(p, lambda o: replace(o, tags=("another",))),
}
CONTRACTS: dict[str, Callable[[Product], Product]] = {
    "threshold": lambda p: every_rule(p, lambda r: replace(r, bound=Bound(Operator.LESS, 77))),
    "severity": lambda p: every_rule(p, lambda r: replace(r, severity=_other(r.severity))),
    "freshness": lambda p: every_output(p, lambda o: replace(o, sla=_fresher(o.sla))),
    "no promises": lambda p: every_output(p, lambda o: replace(o, sla=Sla())),
    "an output": lambda p: replace(p, outputs=p.outputs[:1]),
}
SCHEMAS: dict[str, Callable[[Known], Known]] = {
    "column type": lambda s: every_column(s, other_type),
    "required": lambda s: every_column(s, lambda c: replace(c, required=not c.required)),
    "column description": lambda s: every_column(s, lambda c: replace(c, description="Another.")),
    "column tags": lambda s: every_column(s, lambda c: replace(c, tags=("another",))),
    "order": lambda s: {name: replace(schema, columns=schema.columns[::-1]) for name, schema in s.items()},
}


def _other(severity: Severity) -> Severity:
    return Severity.WARNING if severity is Severity.BLOCKING else Severity.BLOCKING


def _fresher(sla: Sla) -> Sla:
    return replace(sla, freshness=timedelta(minutes=7), freshness_text="7 minutes")


def edits(imported: Imported) -> Iterator[tuple[str, Product, Known]]:
    product, known = imported.product, dict(imported.schemas)
    for what, change in (PRODUCTS | CONTRACTS).items():
        yield what, change(product), known
    for what, alter in SCHEMAS.items():
        yield what, product, alter(known)


LARGE = 100_000
"""Bytes; a larger example is played for one edit, that of all its columns, since reading its YAML takes its time."""


@pytest.mark.long
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_edited_example_is_exported_as_it_was_edited(path: Path, tmp_path: Path) -> None:
    standard = Standard(path.name.split(".")[1])
    imported = import_files([path])
    assert export(imported.product, imported.schemas, standard).left_out == ()
    for what, product, known in edits(imported):
        if (standard is Standard.ODPS and what not in PRODUCTS) or (
            path.stat().st_size > LARGE and what != "column type"
        ):
            continue
        settled = {output.name: known[output.name] for output in product.outputs if output.name in known}
        exported = export(product, settled, standard)
        again = import_files(saved(tmp_path, exported))
        if product.outputs[0].schema_path or standard is Standard.ODPS:
            assert said(again, what) == said(Imported(product, settled, {}, ()), what), what
        plain = import_files(saved(tmp_path, export(bare(product), settled, standard)))
        assert (bare(again.product), again.schemas) == (bare(plain.product), plain.schemas), what
        for text in exported.texts.values():
            validator(standard.value).validate(text)


def said(imported: Imported, what: str) -> object:
    """What a product says of the thing that was edited."""
    product = imported.product
    if what in SCHEMAS:
        return imported.schemas
    if what in CONTRACTS:
        return [(o.name, o.sla, [(r.name, r.bound, r.severity) for r in o.rules]) for o in product.outputs]
    outputs = [(output.name, output.description, output.tags) for output in product.outputs]
    named = (product.owner, product.domain, product.description, product.tags)
    return (*named, product.effective_version, product.effective_status, outputs)


TEXT_CODE = '"code": {\n      "type": [\n        "string"'


def edited(folder: Path, old: str, new: str) -> ProductFile:
    """The contract above, imported, with an edit of its product.yaml or schema."""
    for name, text in import_files([a_contract(folder)]).files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return load_product(folder)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("\nversion: 1.1.0", "\nversion: 1.2.0", "odcs.version"),
        ("status: draft", "status: active", "odcs.status"),
        ("domain: sales-domain", "domain: commerce", "odcs.domain"),
        ("        mustBe: 0", "        severity: warning\n        mustBe: 0", "odcs.severity"),
        (TEXT_CODE, TEXT_CODE.replace("string", "integer"), "odcs.schema.properties.code.physicalType"),
    ],
)
def test_what_contradicts_an_edit_is_left_out_with_a_word(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = edited(tmp_path, old, new)
    texts, (warning, *others) = export_file(file, Standard.ODCS)
    assert warning.message == f"{told} is left out: it contradicts what the product says"
    assert others == []
    lines = (tmp_path / "product.yaml").read_text("utf-8").splitlines()
    assert told.rpartition(".")[2] in lines[warning.line - 1] or "physicalType" in lines[warning.line - 1]
    (text,) = texts.values()
    again = import_files([a_contract(tmp_path, text)])
    assert (again.product.domain, bare(again.product).outputs[0].sla) == (
        file.product.domain,
        file.product.outputs[0].sla,
    )
    document = yaml.load(text, Loader=Texts)
    assert document["schema"][0]["businessName"] == "Orders"
    assert document["slaProperties"][0]["driver"] == "regulatory"
    assert document["schema"][0]["properties"][0]["businessName"] == "Code"


def test_a_column_that_is_gone_leaves_nothing_behind(tmp_path: Path) -> None:
    imported = import_files([a_contract(tmp_path)])
    product = every_output(imported.product, lambda o: replace(o, rules=(), sla=Sla()))
    known = {name: replace(schema, columns=schema.columns[:1]) for name, schema in imported.schemas.items()}
    (text,) = export(product, known, Standard.ODCS).texts.values()
    assert [each["name"] for each in yaml.load(text, Loader=Texts)["schema"][0]["properties"]] == ["code"]


def test_what_the_caller_said_instead_of_the_file_is_exported(tmp_path: Path) -> None:
    imported = import_files([a_contract(tmp_path)], Wanted("fine", "commerce", "the team"))
    exported = export(imported.product, imported.schemas, Standard.ODCS)
    assert exported.left_out == ()
    (document,) = (yaml.load(text, Loader=Texts) for text in exported.texts.values())
    assert (document["domain"], document["team"]["name"]) == ("commerce", "the team")
    assert all(member.get("role") != "Owner" for member in document["team"]["members"])


def test_a_contract_beside_its_product_speaks_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "p.odps.yaml"
    path.write_text(
        """\
kind: DataProduct
apiVersion: v1.1.0
id: p
name: p
version: 3.0.0
status: active
domain: shop
team: {members: [{username: eve@x, role: owner}]}
outputPorts: [{name: The Port, version: 2.0.0, contractId: c, tags: [hot], description: Of the port.}]
"""
    )
    imported = import_files([path, a_contract(tmp_path)])
    (output,) = imported.product.outputs
    assert output.odcs["own"] == ["team", "version", "status", "domain"]
    assert output.odps["own"] == ["name", "tags"]
    exported = [export(imported.product, imported.schemas, each) for each in (Standard.ODPS, Standard.ODCS)]
    assert [each.left_out for each in exported] == [(), ()]
    port, contract = (yaml.load(text, Loader=Texts) for each in exported for text in each.texts.values())
    assert (port["outputPorts"][0]["name"], port["outputPorts"][0]["tags"]) == ("The Port", ["hot"])
    assert (contract["version"], contract["status"], contract["domain"]) == ("v1.1.0", "in development", "Sales Domain")
    assert "own" not in contract
    assert "own" not in port["outputPorts"][0]


def test_a_stream_that_was_a_table_is_one_in_both_standards() -> None:
    output = Output("t", OutputType.STREAM, odps={"type": "tables"}, odcs={"schema": {"physicalType": "view"}})
    product = Product("p", "d", "o@x", (output,))
    assert export(product, {}, Standard.ODPS).left_out == (("outputs", 0, "odps", "type"),)
    assert export(product, {}, Standard.ODCS).left_out == (("outputs", 0, "odcs", "schema"),)


def test_what_no_reader_takes_is_left_out() -> None:
    output = Output("t", odcs={"servers": "none", "schema": {"properties": 1}, "price": {"priceAmount": 1}})
    exported = export(Product("p", "d", "o@x", (output,)), {}, Standard.ODCS)
    assert exported.left_out == (("outputs", 0, "odcs", "servers"), ("outputs", 0, "odcs", "schema"))
    (text,) = exported.texts.values()
    assert yaml.safe_load(text)["price"] == {"priceAmount": 1}


def test_the_worked_example_is_exported_whole() -> None:
    need_standards()
    folder = STANDARDS.parent / "cases" / "mapping_reference"
    imported = import_files([*folder.glob("*.odps.yaml"), *sorted(folder.glob("*.odcs.yaml"))])
    for standard in (Standard.ODPS, Standard.ODCS):
        assert export(imported.product, imported.schemas, standard).left_out == ()


def test_a_new_name_of_the_product_is_not_contradicted_by_the_contract(tmp_path: Path) -> None:
    text = CONTRACT.replace("id: c\n", "id: c\ndataProduct: Shop Orders\n")
    imported = import_files([a_contract(tmp_path, text)])
    assert imported.product.name == "shop-orders"
    same = export(imported.product, imported.schemas, Standard.ODCS)
    assert same.left_out == ()
    assert [yaml.load(each, Loader=Texts)["dataProduct"] for each in same.texts.values()] == ["Shop Orders"]
    renamed = export(replace(imported.product, name="purchases"), imported.schemas, Standard.ODCS)
    assert renamed.left_out == (("outputs", 0, "odcs", "dataProduct"),)
    assert all("dataProduct" not in yaml.load(each, Loader=Texts) for each in renamed.texts.values())


TEAMS = {
    "described": ("{username: ana@x, role: owner, dateIn: 2024-01-01}, {username: bob@x, role: dev}", ["ana@x"]),
    "spelled otherwise": ("{username: ana@x, role: Owner}, {username: bob@x, role: dev}", ["ana@x"]),
    "one of two": ("{username: ana@x, role: owner}, {username: bob@x, role: owner}", ["ana@x"]),
    "not the first": ("{username: bob@x, role: dev}, {username: ana@x, role: owner, dateIn: 2024-01-01}", ["ana@x"]),
    "only named": ("{name: ana, role: owner}, {username: bob@x, role: dev}", [""]),
}


@pytest.mark.parametrize("standard", [Standard.ODCS, Standard.ODPS])
@pytest.mark.parametrize("team", TEAMS)
def test_who_owned_it_before_leaves_the_team_when_the_owner_changes(
    tmp_path: Path, team: str, standard: Standard
) -> None:
    members, gone = TEAMS[team]
    head = HEAD + f"domain: shop\nteam: {{members: [{members}]}}\n"
    product = "outputPorts: [{name: t, version: 1.0.0, contractId: c}]\n"
    text = head.replace("DataContract", "DataProduct").replace("v3.1.0", "v1.1.0") + product
    imported = import_files([a_contract(tmp_path, text if standard is Standard.ODPS else head)])
    before = yaml.load(text, Loader=Texts)["team"]["members"]
    assert members_of(imported.product, standard) == before
    after = members_of(replace(imported.product, owner="eve@x"), standard)
    assert next(member["username"] for member in after if member.get("role", "").lower() == "owner") == "eve@x"
    assert sorted(member.get("username", "") for member in after) == sorted(
        {"eve@x", *(member.get("username", "") for member in before)} - {*gone}
    )


def members_of(product: Product, standard: Standard) -> list[dict[str, str]]:
    (text,) = export(product, {}, standard).texts.values()
    found: list[dict[str, str]] = yaml.load(text, Loader=Texts)["team"]["members"]
    return found
