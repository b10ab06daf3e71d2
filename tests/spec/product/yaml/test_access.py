"""What the loader says of a wrong `access`, all at once, each with its line; and what it reads."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec, SchemaMismatch
from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.model import ColumnClass, ReaderConditions, Visibility
from data_platform.spec.product.declared_columns import check_inferred
from data_platform.spec.product.loading import ProductFile, load_product

HEAD = "name: p\ndomain: d\nowner: o@x\n"
TYPES = {
    "region": {"type": "string"},
    "email": {"type": "string"},
    "amount": {"type": "number"},
    "count": {"type": "integer"},
    "birth": {"type": "string", "format": "date"},
    "ok": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
}


def load(folder: Path, access: str, *, of_product: str = "") -> ProductFile:
    (folder / "t.json").write_text(json.dumps({"type": "object", "properties": TYPES}))
    (folder / "u.json").write_text(json.dumps({"type": "object", "properties": {"other": {"type": "string"}}}))
    product = f"access: {of_product}\n" if of_product else ""
    outputs = f"outputs:\n  - {{name: t, schema: t.json, access: {access}}}\n  - {{name: u, schema: u.json}}\n"
    (folder / "product.yaml").write_text(HEAD + product + outputs)
    return load_product(folder)


def problems(folder: Path, access: str, *, of_product: str = "") -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidSpec) as refused:
        load(folder, access, of_product=of_product)
    return [(problem.line, problem.message, problem.hint or "") for problem in refused.value.problems]


def test_every_field_is_read(tmp_path: Path) -> None:
    written = (
        "{visibility: restricted, rows: region = principal.region, max_duration: 90d, "
        "readers: [{teams: [a, b], purposes: fraud, columns: all}, {principals: [eve], deny: true}, "
        "{roles: [consumer], columns: [amount], rows: amount < 10}], terms: Be kind., approvers: office, "
        "masks: {email: partial, birth: year, amount: {bucket: 0.5}, region: null}, auto_approve: [{teams: [a]}]}"
    )
    access = load(tmp_path, written).product.outputs[0].access
    assert access.visibility is Visibility.RESTRICTED and access.is_discoverable
    first, second, third = access.readers or ()
    assert first.who == ReaderConditions(teams=("a", "b"), purposes=("fraud",)) and first.columns is ColumnClass.ALL
    assert second.deny and second.who.principals == ("eve",)
    assert third.columns == ("amount",) and third.rows is not None and third.line == 5
    assert access.masks["amount"] == Mask(MaskKind.BUCKET, Decimal("0.5"))
    assert access.masks["region"] == Mask(MaskKind.NULL)
    assert access.max_duration == timedelta(days=90)
    assert access.auto_approve == (ReaderConditions(teams=("a",)),)
    assert access.approvers == ("office",) and access.terms == "Be kind."


@pytest.mark.parametrize(
    ("access", "message", "hint"),
    [
        ("{visibilty: public}", "`access` has no field", "did you mean `visibility`?"),
        ("{visibility: private}", '`visibility` cannot be "private"', "did you mean restricted?"),
        ("{discoverable: nope}", "must be true or false", ""),
        ("{discoverable: no}", "must be true or false", ""),
        ("{readers: {teams: [a]}}", "`readers` must be a list", "write readers: [{teams: [analytics]}]"),
        ("{readers: [a]}", "a reader must be a mapping", "{teams: [analytics]}"),
        ("{readers: [{columns: all}]}", "the reader names nobody", "teams: [analytics]"),
        ("{readers: [{roles: [consmer]}]}", 'there is no role "consmer"', "did you mean consumer?"),
        ("{readers: [{teams: [a], columns: al}]}", '`columns` cannot be "al"', "did you mean all?"),
        ("{readers: [{teams: [a], columns: [emial]}]}", "names the column emial", "did you mean email?"),
        ("{readers: [{teams: [a], deny: true, rows: ok}]}", "`rows` opens something", "write two entries"),
        ("{readers: [{teams: [a], team: [b]}]}", 'the reader has no field "team"', "did you mean `teams`?"),
        ("{rows: regoin = 'x'}", "names the column regoin", "did you mean region?"),
        ("{rows: region = 1}", "compares region, which is string, with 1", "single quotes"),
        ("{rows: amount = 'x'}", "with the text 'x'", "write a number"),
        ("{rows: ok < TRUE}", "orders the values of ok", "write ="),
        ("{rows: list = 'x'}", "compares list, which is list<string>", "IS NULL"),
        ("{rows: birth > '2026-01-01'}", "with the text", "write DATE"),
        ("{rows: lower(region) = 'x'}", "may not use LOWER(region)", "allowed are"),
        ("{masks: {email: hsh}}", 'cannot be "hsh"', "did you mean hash?"),
        ("{masks: {email: year}}", "year needs a date or a timestamp", "redact and null fit every column"),
        ("{masks: {email: {bucket: 5}}}", "bucket needs a number", ""),
        ("{masks: {amount: partial}}", "partial needs text", ""),
        ("{masks: {amount: bucket}}", "cannot be", "write {bucket: 100}"),
        ("{masks: {amount: {bucket: 0}}}", "must be above 0", ""),
        ("{masks: {count: {bucket: 0.5}}}", "is no whole number", ""),
        ("{masks: {emial: redact}}", "names the column emial", "did you mean email?"),
        ("{masks: {amount: 5}}", "cannot be 5", "write one of"),
        ("{max_duration: 3 months}", "is uncertain", "30 days"),
        ("{auto_approve: [{principals: [a]}]}", 'has no field "principals"', "an entry of `readers`"),
        ("{approvers: [1]}", "must be text", "quote it"),
        ("all", "`access` must be a mapping", ""),
    ],
)
def test_what_is_wrong_is_reported_with_its_line(tmp_path: Path, access: str, message: str, hint: str) -> None:
    found = problems(tmp_path, access)
    assert any(line == 5 and message in text and hint in tip for line, text, tip in found), found


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "{rows: x = 1, masks: {y: hash}}", of_product="{visibility: seret}")
    assert [line for line, _, _ in found] == [4, 6, 6]


def test_a_row_filter_of_the_product_has_to_fit_every_output(tmp_path: Path) -> None:
    assert problems(tmp_path, "{visibility: internal}", of_product="{rows: region = 'x'}") == [
        (4, "`access.rows` names the column region, which u does not have", "the columns are other")
    ]


def test_a_mask_of_the_product_may_be_of_one_output_alone(tmp_path: Path) -> None:
    load(tmp_path, "{visibility: internal}", of_product="{masks: {email: hash, other: partial}}")
    (found,) = problems(tmp_path, "{visibility: internal}", of_product="{masks: {emial: hash}}")[:1]
    assert "names the column emial" in found[1]


def test_data_without_the_columns_of_access_is_refused(tmp_path: Path) -> None:
    file = load(tmp_path, "{visibility: internal}")
    (tmp_path / "product.yaml").write_text(
        HEAD + "outputs:\n  - {name: t, access: {rows: nowhere = 1, masks: {email: year}}}\n"
    )
    later = load_product(tmp_path).product
    with pytest.raises(SchemaMismatch) as refused:
        check_inferred(later, later.outputs[0], file.schemas["t"])
    assert {mismatch.column for mismatch in refused.value.mismatches} == {"nowhere", "email"}


def test_a_product_is_hidden_as_a_whole(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "{discoverable: false}")
    assert found[0] == 5
    assert "hides a product as a whole" in found[1]
    whole = load(tmp_path, "{visibility: restricted}", of_product="{discoverable: false}").product
    assert not any(whole.find_access(output).is_discoverable for output in whole.outputs)


def test_the_majors_of_an_output_share_one_access(tmp_path: Path) -> None:
    majors = "[{name: t, version: 1.0.0, access: {visibility: %s}}, {name: t, version: 2.0.0}]"
    for visibility, count in (("internal", 0), ("restricted", 1)):
        access = f"access: {{visibility: internal}}\noutputs: {majors % visibility}\n"
        (tmp_path / "product.yaml").write_text(HEAD + access)
        if count:
            with pytest.raises(InvalidSpec, match="the majors of t share one `access`"):
                load_product(tmp_path)
        else:
            load_product(tmp_path)
