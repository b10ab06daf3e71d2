"""Foreign documents: each official example becomes a product, and says again all that it said.

What is normalised on the way stands in `odcs.older`: apiVersion, deprecated spellings, units of latency, and what is
null or says the standard's default. A contract without a table gets one. An export may say more: status, owner, domain,
and what is ours, under the vendor data-platform.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from data_platform.errors import InvalidSpec
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import OutputType, ProductStatus, SlaProperty
from data_platform.spec.rules.model import Duplicates, Severity, SqlMeasure
from data_platform.spec.schema.types import Decimal, Kind, ListOf, MapOf, Primitive
from data_platform.spec.standards.contracts import load_contract
from data_platform.spec.standards.exporting import Standard, export
from data_platform.spec.standards.importing import import_files
from data_platform.spec.standards.odcs.older import convert_to_modern
from tests.spec.standards.contained import lost
from tests.spec.standards.official import EXAMPLES, STANDARDS, Texts, need_standards, validator

REFERENCE = STANDARDS.parent / "cases" / "mapping_reference"
HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: c\nversion: 1.0.0\nname: orders\n"
TABLE = HEAD + "schema:\n  - name: t\n    properties:\n      - {name: a, logicalType: string}\n"


def written(folder: Path, text: str, name: str = "c.odcs.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def expected(text: str, standard: str) -> Any:
    document = yaml.load(text, Loader=Texts)
    if standard == "odps":
        return {**document, "apiVersion": "v1.1.0"}
    found = convert_to_modern(document)
    return {key: value for key, value in found.items() if key != "schema" or value}


@pytest.mark.long
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_official_example_survives(path: Path, tmp_path: Path) -> None:
    standard = path.name.split(".")[1]
    imported = import_files([path])
    for name, text in imported.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    file = load_product(tmp_path)
    assert file.product == imported.product
    (text,) = export(file.product, file.schemas, Standard(standard)).texts.values()
    validator(standard).validate(text)
    assert list(lost(expected(path.read_text(encoding="utf-8"), standard), yaml.load(text, Loader=Texts))) == []


def test_the_mappings_worked_example_is_one_product(tmp_path: Path) -> None:
    need_standards()
    paths = [*REFERENCE.glob("*.odps.yaml"), *sorted(REFERENCE.glob("*.odcs.yaml"))]
    product = import_files(paths).product
    assert (product.name, product.owner) == ("orders-data-product", "orders-team@company.com")
    assert [(output.name, output.type, output.schema_path) for output in product.outputs] == [
        ("orders_fact", OutputType.TABLE, "schemas/orders_fact.json"),
        ("order_events", OutputType.STREAM, "schemas/order_event.avro"),
    ]
    assert product.outputs[0].sla.freshness_column == "last_update"
    assert str(product.inputs[0]) == "customers-data-product.customers_dim"
    for standard in (Standard.ODPS, Standard.ODCS):
        texts = [yaml.load(text, Loader=Texts) for text in export(product, {}, standard).texts.values()]
        assert {text["id"] for text in texts} == {
            yaml.safe_load(path.read_text())["id"] for path in paths if standard.value in path.name
        }


def test_each_type_of_check_runs_or_is_named_with_its_reason(tmp_path: Path) -> None:
    checks = """\
        quality:
          - {type: text, description: Ask the team.}
          - {metric: duplicateValues, mustBe: 0, severity: warning, schedule: 0 20 * * *}
          - {type: sql, query: "SELECT COUNT(*) FROM {object} WHERE {property} = 'x'", mustBeLessThan: 5, name: few}
          - type: sql
            query: "SELECT COUNT(*) FROM other"
            mustBe: 0
            name: far
            customProperties: [{property: dialect, value: snowflake}]
          - type: custom
            engine: great-expectations
            implementation: {expectation_type: expect_column_values_to_not_be_null, kwargs: {mostly: 0.5}}
          - {type: custom, engine: soda, implementation: "x: 1", name: soda}
          - {metric: nullValues, mustBe: none at all, name: odd}
"""
    text = TABLE.replace(
        "      - {name: a, logicalType: string}\n", f"      - name: a\n        logicalType: string\n{checks}"
    )
    (output,) = load_contract(written(tmp_path, text)).product.outputs
    assert [(rule.name, rule.severity) for rule in output.rules] == [
        ("duplicateValues(a)", Severity.WARNING),
        ("few", Severity.BLOCKING),
        ("expect_column_values_to_not_be_null(a)", Severity.BLOCKING),
    ]
    assert output.rules[0].odcs == {"schedule": "0 20 * * *"}
    assert output.rules[1].measure == SqlMeasure("""SELECT COUNT(*) FROM t WHERE "a" = 'x'""")
    assert [(check.name, check.kind, check.column) for check in output.unchecked] == [
        ("text(a)", "text", "a"),
        ("far", "sql", "a"),
        ("soda", "custom", "a"),
        ("odd", "library", "a"),
    ]
    whys = [check.why for check in output.unchecked]
    assert (whys[0], whys[2]) == ("text is for people to judge", "soda is not run here")
    assert "other" in whys[1]
    assert "'none at all'" in whys[3]


SQL_THAT_CANNOT_RUN = [
    ("SELEC COUNT(*) FROM t", "begins with 'SELEC'"),
    ("SELECT COUNT(* FROM t", "the SQL cannot be read"),
    ("SELECT COUNT(*) FROM ridez", "ridez"),
    ("SELECT COUNT(*) FROM 't", "the SQL cannot be read"),
    ("DELETE FROM t", "one SELECT"),
    ("SELECT COUNT(*) FROM t; SELECT 1", "statements"),
    ("SELECT COUNT(*) FROM read_csv('x.csv')", "read_csv"),
    ("", "the SQL is empty"),
]


@pytest.mark.parametrize("severity", ["error", "warning"])
@pytest.mark.parametrize(("query", "message"), SQL_THAT_CANNOT_RUN)
def test_sql_that_cannot_run_here_is_an_error(tmp_path: Path, query: str, message: str, severity: str) -> None:
    check = f'        quality: [{{type: sql, query: "{query}", mustBe: 0, severity: {severity}}}]\n'
    text = TABLE.replace("    properties:\n", f"{check.replace('        ', '    ', 1)}    properties:\n")
    with pytest.raises(InvalidSpec) as caught:
        load_contract(written(tmp_path, text))
    (problem,) = caught.value.problems
    assert message in problem.message
    assert text.splitlines()[problem.line - 1].lstrip().startswith("quality:")


@pytest.mark.parametrize(
    ("query", "servers", "runs"),
    [
        ("SELECT TOP 3 a FROM elsewhere", "sqlserver", True),
        ("SELEC a FROM elsewhere", "sqlserver", False),
        ("SELECT COUNT(*) FROM ridez", "snowflake", True),
        ("SELECT COUNT(*) FROM ridez", "local", False),
        ("SELECT COUNT(*) FROM ridez", "duckdb", False),
    ],
)
def test_sql_of_another_engine_is_kept_if_that_engine_can_read_it(
    tmp_path: Path, query: str, servers: str, runs: bool
) -> None:
    check = f"    quality: [{{type: sql, query: {query}, mustBe: 0, name: far}}]\n"
    text = TABLE.replace("    properties:\n", f"{check}    properties:\n")
    text += f"servers: [{{server: s, type: {servers}}}]\n"
    if not runs:
        with pytest.raises(InvalidSpec):
            load_contract(written(tmp_path, text))
        return
    product = load_contract(written(tmp_path, text)).product
    assert [unchecked.name for unchecked in product.outputs[0].unchecked] == ["far"]
    assert servers in product.outputs[0].unchecked[0].why


def test_sql_that_reads_another_table_of_the_contract_is_kept_and_survives_an_export(tmp_path: Path) -> None:
    check = "    quality: [{type: sql, query: SELECT COUNT(*) FROM u, mustBe: 0, name: far}]\n"
    text = TABLE.replace("    properties:\n", f"{check}    properties:\n")
    text += "  - name: u\n    properties:\n      - {name: a, logicalType: string}\n"
    file = load_contract(written(tmp_path, text))
    assert [unchecked.name for unchecked in file.product.outputs[0].unchecked] == ["far"]
    for exported in export(file.product, file.schemas, Standard.ODCS).texts.values():
        validator("odcs").validate(exported)
        again = load_contract(written(tmp_path, exported)).product
        assert [o.unchecked for o in again.outputs] == [o.unchecked for o in file.product.outputs]


def test_a_unique_property_is_a_rule(tmp_path: Path) -> None:
    text = TABLE.replace("logicalType: string}", "logicalType: string, unique: true}")
    (rule,) = load_contract(written(tmp_path, text)).product.outputs[0].rules
    assert (rule.name, rule.measure) == ("unique(a)", Duplicates(("a",)))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("logicalType: integer, physicalType: bigint", Primitive(Kind.LONG)),
        ("logicalType: number, physicalType: 'numeric(12, 2)'", Decimal(12, 2)),
        ("logicalType: number, physicalType: 'varchar(2)'", Primitive(Kind.DOUBLE)),
        ("logicalType: number, logicalTypeOptions: {format: f32}", Primitive(Kind.FLOAT)),
        ("logicalType: date, physicalType: timestamp", Primitive(Kind.TIMESTAMP)),
        ("logicalType: timestamp, logicalTypeOptions: {timezone: true}", Primitive(Kind.TIMESTAMPTZ)),
        ("physicalType: 'TIMESTAMP WITH TIME ZONE'", Primitive(Kind.TIMESTAMPTZ)),
        ("logicalType: string, physicalType: bytea", Primitive(Kind.BINARY)),
        ("logicalType: object, physicalType: Name", Primitive(Kind.STRING)),
        ("logicalType: array, items: {logicalType: integer, required: true}", ListOf(Primitive(Kind.LONG), True)),
        (
            "logicalType: map, map: {key: {logicalType: string}, value: {logicalType: boolean}}",
            MapOf(Primitive(Kind.STRING), Primitive(Kind.BOOLEAN)),
        ),
        ("logicalType: vector, logicalTypeOptions: {dimensions: 3}", ListOf(Primitive(Kind.FLOAT), True)),
    ],
)
def test_a_foreign_type_is_the_one_it_means(tmp_path: Path, words: str, kind: Any) -> None:
    text = TABLE.replace("{name: a, logicalType: string}", f"{{name: a, {words}}}")
    (column,) = load_contract(written(tmp_path, text)).schemas["t"]
    assert column.type == kind


def test_a_contract_of_version_2_is_read(tmp_path: Path) -> None:
    text = """\
kind: DataContract
apiVersion: v2.2.2
uuid: 53581432-6c55-4ba2-a65f-72344a91553a
version: 1.1.0
status: current
quantumName: my quantum
datasetDomain: seller
datasetName: views
password: secret
stakeholders: [{username: ana@x, role: Owner}]
slaDefaultColumn: t.day
slaProperties: [{property: latency, value: 4, unit: d}, {property: retention, value: 3, unit: y}]
dataset:
  - table: t
    columns:
      - {column: day, logicalType: date, physicalType: date, isPrimaryKey: true, isNullable: false}
      - column: code
        logicalType: string
        quality: [{code: nullCheck, toolName: Elevate, toolRuleName: x, dimension: completeness}]
"""
    imported = import_files([written(tmp_path, text)])
    (output,) = imported.product.outputs
    assert (imported.product.name, imported.product.domain, imported.product.owner) == ("my-quantum", "seller", "ana@x")
    assert (output.primary_key, output.sla.freshness_column, output.sla.freshness_text) == (("day",), "day", "4 days")
    assert output.sla.properties == (SlaProperty("retention", 3, "y"),)
    assert [(check.name, check.why) for check in output.unchecked] == [("nullCheck", "Elevate is not run here")]
    assert imported.schemas["t"].columns[0].required
    (again,) = export(imported.product, imported.schemas, Standard.ODCS).texts.values()
    validator("odcs").validate(again)
    assert "secret" not in again


def test_a_status_of_another_house_is_kept_and_taken_for_ours(tmp_path: Path) -> None:
    product = import_files([written(tmp_path, TABLE + "status: in development\n")]).product
    assert product.status is ProductStatus.DRAFT
    (text,) = export(product, {}, Standard.ODCS).texts.values()
    assert yaml.safe_load(text)["status"] == "in development"


def test_what_a_product_needs_and_no_file_says_is_unknown_and_told(tmp_path: Path) -> None:
    imported = import_files([written(tmp_path, TABLE)])
    assert (imported.product.domain, imported.product.owner) == ("unknown", "unknown")
    hints = [warning.hint for warning in imported.warnings]
    assert hints == ["--domain NAME says it", "--owner ADDRESS says it"]


def test_a_port_that_names_no_product_is_kept_as_it_is(tmp_path: Path) -> None:
    text = """\
kind: DataProduct
apiVersion: v1.0.0
id: p
domain: d
team: {members: [{username: ana@x, role: owner}]}
inputPorts: [{name: raw, version: 1.0.0, contractId: 7d1f}, {name: dim, version: 1.0.0, contractId: q.dim}]
outputPorts: [{name: t, version: 1.0.0}]
"""
    imported = import_files([written(tmp_path, text)])
    assert [str(found) for found in imported.product.inputs] == ["q.dim"]
    assert "raw is kept, and is no input here" in imported.warnings[0].message
    (again,) = export(imported.product, {}, Standard.ODPS).texts.values()
    assert [port["name"] for port in yaml.safe_load(again)["inputPorts"]] == ["raw", "dim"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "2:1: this is not YAML"),
        ("- a\n", "1:1: a document of ODPS or ODCS is a mapping of fields"),
        ("name: x\n", "1:1: this is neither a product nor a contract"),
        ("kind: DataContract\nschema: x\n", '2:9: `schema` must be a list, not "x"'),
        (HEAD + "schema: [{properties: []}]\n", "6:10: the table has no `name`"),
        (HEAD + "schema: [{name: t, properties: [{name: 'a\"b'}]}]\n", "6:40: a column's name may not hold"),
        (TABLE + "slaProperties: [{value: 1}]\n", "10:17: the promise has no `property`"),
        (TABLE + "tags: [1]\n", "10:8: an entry of `tags` must be text"),
        ("a: &a [*a]\n", "1:8: the alias"),
        (TABLE.replace("string}", "string, quality: [{type: magic}]}"), "9:57: the `type` of a check is one of"),
        (
            TABLE.replace("string}", "integer, logicalTypeOptions: {minimum: 3, maximum: 2}}"),
            "9:71: minimum 3 is above maximum 2",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InvalidSpec) as caught:
        import_files([path])
    assert f"{path}:{says}" in str(caught.value)


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    one = written(tmp_path, HEAD + "schema: x\ntags: y\n", "one.yaml")
    two = written(tmp_path, "kind: DataProduct\nid: p\noutputPorts: z\n", "two.yaml")
    with pytest.raises(InvalidSpec) as caught:
        import_files([one, two])
    assert {(Path(p.file).name, p.line) for p in caught.value.problems} >= {
        ("one.yaml", 6),
        ("one.yaml", 7),
        ("two.yaml", 3),
    }


def test_a_second_product_and_a_contract_that_stands_twice_are_refused(tmp_path: Path) -> None:
    product = "kind: DataProduct\nid: p\noutputPorts: [{name: t}]\n"
    paths = [written(tmp_path, text, f"{at}.yaml") for at, text in enumerate([product, product, TABLE, TABLE])]
    with pytest.raises(InvalidSpec) as caught:
        import_files(paths)
    messages = [problem.message for problem in caught.value.problems]
    assert messages[0] == "this is a second product"
    assert messages[1].startswith("the contract c appears twice")


def test_a_schema_path_of_a_hostile_contract_stays_in_the_folder(tmp_path: Path) -> None:
    for url in ("../../etc/x.json", "/etc/x.json", "C:/x.json", "https://x/y.json"):
        definition = f'authoritativeDefinitions: [{{type: implementation, url: "{url}"}}]'
        text = TABLE.replace("    properties:", f"    {definition}\n    properties:")
        assert list(import_files([written(tmp_path, text)]).files) == ["product.yaml", "schemas/t.json"]


def test_json_is_yaml_too(tmp_path: Path) -> None:
    text = json.dumps({"kind": "DataContract", "id": "c", "schema": [{"name": "t"}]})
    assert load_contract(written(tmp_path, text)).product.outputs[0].name == "t"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ('logicalType: ""', "the property says no type: it is taken for text"),
        ('logicalType: "", physicalType: ""', "the property says no type: it is taken for text"),
        ("logicalType: varchar, physicalType: varchar(3)", 'the type "varchar" is taken for text'),
        ("physicalType: geometry", 'the type "geometry" is taken for text'),
        ('logicalType: "", physicalType: varchar(3)', None),
    ],
)
def test_a_type_that_is_none_is_told_in_its_own_words(tmp_path: Path, words: str, told: str | None) -> None:
    text = TABLE.replace("{name: a, logicalType: string}", f"{{name: a, {words}}}")
    imported = import_files([written(tmp_path, text)])
    assert [w.message for w in imported.warnings if "text" in w.message] == ([told] if told else [])
    assert imported.schemas["t"].columns[0].type == Primitive(Kind.STRING)
    (again,) = export(imported.product, imported.schemas, Standard.ODCS).texts.values()
    assert '""' not in again
