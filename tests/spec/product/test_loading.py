"""Loading product.yaml with its schema files: one report of everything, and what the two say together."""

from __future__ import annotations

import json
import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from data_platform.errors import BadInput, InvalidSpec, SchemaMismatch, StorageFailed
from data_platform.spec.product.declared_columns import check_inferred, tag_pii
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Input, OutputType
from data_platform.spec.rules.model import AT_MOST_NONE, SqlMeasure
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema
from data_platform.spec.text.file import read_bounded
from tests.product_files import HEAD, OUTPUT, PRODUCT, problems_of, said, written

EXAMPLE = Path(__file__).parents[3] / "examples" / "orders"
TEXT = Primitive(Kind.STRING)


def schema_file(folder: Path, *columns: str, name: str = "t.json") -> None:
    properties = {column: {"type": "string"} for column in columns}
    (folder / name).write_text(json.dumps({"type": "object", "properties": properties}))


def test_the_missions_example_loads_as_written() -> None:
    file = load_product(EXAMPLE / "product.yaml")
    product = file.product
    assert (product.name, product.domain, product.owner) == (
        "orders-data-product",
        "commerce",
        "orders-team@company.com",
    )
    fact, events = product.outputs
    assert (fact.sla.freshness, fact.sla.availability) == (timedelta(minutes=15), 99.9)
    assert (fact.sla.freshness_text, fact.sla.availability_text) == ("15 minutes", "99.9%")
    assert [(rule.name, rule.bound) for rule in fact.rules] == [
        ("no_null_order_id", AT_MOST_NONE),
        ("valid_amounts", AT_MOST_NONE),
    ]
    assert fact.rules[0].measure == SqlMeasure("SELECT COUNT(*) FROM orders_fact WHERE order_id IS NULL")
    assert (events.type, product.topic(events)) == (OutputType.STREAM, "commerce.orders.events.v1")
    assert product.inputs == (
        Input("customers-data-product", "customers_dim"),
        Input("products-data-product", "products_dim"),
    )
    assert product.tags == ("orders", "commerce", "transactions")
    assert file.warnings == ()
    assert file.text == (EXAMPLE / "product.yaml").read_text()


def test_pii_columns_tag_and_encrypt_their_columns_in_every_output() -> None:
    schemas = load_product(EXAMPLE).schemas
    assert schemas["orders_fact"].masked == ("customer_email", "shipping_address")
    assert schemas["order_events"].masked == ("customer_email",)
    assert {column.encryption for column in schemas["orders_fact"] if column.pii} == {"aes-256-gcm"}
    assert not any(column.encrypted for column in schemas["orders_fact"] if not column.pii)


def test_the_minimal_file_loads_and_its_undeclared_version_is_not_written_back(tmp_path: Path) -> None:
    text = "name: my-data-product\ndomain: my-domain\nowner: my-team@company.com\n"
    product = load_product(written(tmp_path, text + "outputs:\n  - name: my_table\n    type: table\n")).product
    assert (product.version, product.effective_version) == (None, "1.0.0")
    assert product.output_version(product.outputs[0]) == "1.0.0"
    assert load_product(tmp_path).product == product


@pytest.mark.parametrize("wrapped", [lambda t: b"\xef\xbb\xbf" + t, lambda t: t.replace(b"\n", b"\r\n")])
def test_bom_and_crlf_are_fine(wrapped, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    text = (OUTPUT + "    description: |\n      Zürich\n").encode()
    assert load_product(written(tmp_path, wrapped(text))).product == load_product(written(tmp_path, text)).product


def test_one_report_has_the_problems_of_the_file_and_of_its_schemas(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"type": "object",\n "properties": {"a": {"type": "text"}}}')
    problems = problems_of(tmp_path, OUTPUT + "    schema: t.json\n    typ: table\nstatus: old\n")
    places = [(Path(p.file).name, p.line) for p in problems]
    assert places == [("product.yaml", 7), ("product.yaml", 8), ("t.json", 2)]


def test_columns_that_the_schema_does_not_have_are_told_with_the_nearest(tmp_path: Path) -> None:
    schema_file(tmp_path, "order_id", "email")
    text = (
        OUTPUT + "    schema: t.json\n    primary_key: orderid\n    partition_by: [day]\n"
        "    quality_rules: [{metric: nullValues, column: emial}]\n"
        "    expect: [expect_compound_columns_to_be_unique: [order_id, mail]]\npii_columns: [e_mail]\n"
    )
    assert [said(problem) for problem in problems_of(tmp_path, text)] == [
        ('7:18 `primary_key` names the column "orderid", which t does not have', "did you mean order_id?"),
        ('8:20 `partition_by` names the column "day", which t does not have', "the columns are order_id, email"),
        (
            '9:21 the rule "nullValues(emial)" names the column "emial", which t does not have',
            "did you mean email?",
        ),
        (
            '10:14 the rule "expect_compound_columns_to_be_unique(order_id, mail)" names the column "mail", '
            "which t does not have",
            "did you mean email?",
        ),
        ('11:15 `pii_columns`: no output has the column "e_mail"', "did you mean email?"),
    ]


def test_pii_columns_are_not_judged_while_a_table_has_no_schema(tmp_path: Path) -> None:
    schema_file(tmp_path, "a")
    text = HEAD + "outputs: [{name: t, schema: t.json}, {name: u}]\npii_columns: [b]\n"
    assert load_product(written(tmp_path, text)).product.pii_columns == ("b",)
    assert problems_of(tmp_path, text.replace("{name: u}", "{name: u, type: stream}"))


def test_encryption_none_in_the_schema_file_stands() -> None:
    schema = TableSchema((SchemaColumn("a", TEXT), SchemaColumn("b", TEXT, encryption="none"), SchemaColumn("c", TEXT)))
    tagged = tag_pii(schema, ["a", "b"])
    assert [(c.name, c.pii, c.encryption) for c in tagged] == [
        ("a", True, "aes-256-gcm"),
        ("b", True, "none"),
        ("c", False, None),
    ]
    assert tag_pii(tagged, ["a", "b"]) == tagged


def test_what_could_not_be_judged_without_a_schema_is_judged_under_the_inferred_one(tmp_path: Path) -> None:
    text = OUTPUT + "    primary_key: id\n    expect: [expect_column_values_to_be_unique: no_]\npii_columns: [mail]\n"
    product = load_product(written(tmp_path, text)).product
    schema = TableSchema((SchemaColumn("id", TEXT), SchemaColumn("no_", TEXT), SchemaColumn("mail", TEXT)))
    check_inferred(product, product.outputs[0], schema)
    with pytest.raises(SchemaMismatch) as caught:
        check_inferred(product, product.outputs[0], TableSchema((SchemaColumn("ids", TEXT),)))
    assert [str(mismatch) for mismatch in caught.value.mismatches] == [
        "id: primary_key names it, and the data does not have it; did you mean ids?",
        'no_: the rule "expect_column_values_to_be_unique(no_)" names it, and the data does not have it; '
        "the columns are ids",
        "mail: pii_columns names it, and no output has it; the columns are ids",
    ]


def test_a_schema_that_is_missing_is_told_with_the_nearest_file(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    schema_file(tmp_path, "a", name="schemas/orders_fact.json")
    (problem,) = problems_of(tmp_path, OUTPUT + "    schema: schemas/order_fact.json\n")
    assert said(problem) == (
        '6:13 `schema`: there is no file "schemas/order_fact.json"',
        "did you mean schemas/orders_fact.json?",
    )


def test_links_that_leave_the_folder_or_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "product"
    folder.mkdir()
    schema_file(tmp_path, "a")
    (folder / "out.json").symlink_to(tmp_path / "t.json")
    (folder / "loop.json").symlink_to(folder / "loop.json")
    (folder / "dir").symlink_to(tmp_path)
    text = OUTPUT + "    schema: {}\n"
    for name in ("out.json", "dir/t.json"):
        (problem,) = problems_of(folder, text.replace("{}", name))
        assert "link that leaves the product's folder" in problem.message
    (problem,) = problems_of(folder, text.replace("{}", "loop.json"))
    assert "there is no file" in problem.message


def test_links_within_the_folder_are_fine(tmp_path: Path) -> None:
    schema_file(tmp_path, "a")
    (tmp_path / "same.json").symlink_to(tmp_path / "t.json")
    file = load_product(written(tmp_path, OUTPUT + "    schema: same.json\n"))
    assert file.schemas["t"].names == ("a",)


def test_devices_and_pipes_are_never_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "product.yaml")
    with pytest.raises(InvalidSpec, match="no regular file"):
        load_product(tmp_path)
    with pytest.raises(InvalidSpec, match="no regular file"):
        load_product("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.yaml"))
        with pytest.raises(InvalidSpec, match="no regular file"):
            load_product(tmp_path / "s.yaml")


@pytest.mark.parametrize("most", [0, 1, 9, 10, 11])
def test_no_more_than_the_limit_is_read(tmp_path: Path, most: int) -> None:
    (tmp_path / "ten").write_bytes(b"0123456789")
    assert read_bounded(tmp_path / "ten", most) == b"0123456789"[: most + 1]


def test_a_folder_named_as_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.json").mkdir()
    (problem,) = problems_of(tmp_path, OUTPUT + "    schema: t.json\n")
    assert problem.message == "this is a folder"


def test_a_missing_product_is_told_with_the_nearest_file(tmp_path: Path) -> None:
    (tmp_path / "product.yml").write_text(PRODUCT)
    with pytest.raises(InvalidSpec) as caught:
        load_product(tmp_path)
    assert caught.value.problems[0].hint == f"did you mean {tmp_path / 'product.yml'}?"


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_impossible_paths_are_refused(path: str) -> None:
    with pytest.raises((BadInput, StorageFailed)):
        load_product(path)


def test_a_rule_that_does_not_read_its_table_is_a_warning(tmp_path: Path) -> None:
    text = OUTPUT + '    quality_rules:\n      - {rule: r, sql: "SELECT 0"}\n'
    (warning,) = load_product(written(tmp_path, text)).warnings
    assert (warning.line, warning.message) == (7, "the SQL does not read t")


def test_a_rule_may_read_declared_inputs_and_no_others(tmp_path: Path) -> None:
    sql = 'SELECT COUNT(*) FROM t WHERE id NOT IN (SELECT id FROM "q-1".dim)'
    text = f"{OUTPUT}    quality_rules: [{{rule: r, sql: '{sql}'}}]\n"
    assert problems_of(tmp_path, text)
    load_product(written(tmp_path, text + "inputs: [{data_product: q-1, output: dim}]\n"))


def test_a_password_in_an_alert_is_warned_of(tmp_path: Path) -> None:
    text = PRODUCT + 'alerts: ["mailto://me:secret@example.org", "#orders"]\n'
    file = load_product(written(tmp_path, text))
    assert [warning.line for warning in file.warnings] == [5]
    assert "secret" not in str(file.warnings)


def test_a_schema_of_two_outputs_is_read_and_blamed_once(tmp_path: Path) -> None:
    text = HEAD + "outputs: [{name: t, schema: t.json}, {name: u, schema: t.json}]\n"
    schema_file(tmp_path, "a")
    assert set(load_product(written(tmp_path, text)).schemas) == {"t", "u"}
    (tmp_path / "t.json").write_text("[]")
    assert len(problems_of(tmp_path, text)) == 1


def test_no_message_carries_a_terminals_control_characters(tmp_path: Path) -> None:
    text = OUTPUT + '    "\\e[31m": x\n    expect: ["\\e[31m", {expect_column_values_to_be_unique: a, "\\e[2J": b}]\n'
    problems = problems_of(tmp_path, text)
    assert len(problems) == 3
    assert all(f"{problem.message}{problem.hint}".isprintable() for problem in problems)


def test_text_in_double_quotes_is_told_of_a_rule(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"type": "object", "properties": {"state": {"type": "string"}}}')
    rule = "{rule: r, threshold: 0, sql: 'SELECT COUNT(*) FROM t WHERE state = \"paid\"'}"
    (tmp_path / "product.yaml").write_text(
        f"name: p\ndomain: d\nowner: o@x\noutputs:\n  - {{name: t, schema: t.json, quality_rules: [{rule}]}}\n"
    )
    with pytest.raises(InvalidSpec) as refused:
        load_product(tmp_path)
    assert [problem.hint for problem in refused.value.problems] == [
        "the columns are state; a text is written in single quotes: 'paid'"
    ]
