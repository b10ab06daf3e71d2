"""diff on the command line: words, JSON and a comment for a pull request, with the exit code of a register."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_platform import DataProduct, Platform
from data_platform.cli.console.markdown import escape_markdown, format_code
from tests.cli.conftest import Run

ORDERS = """\
name: orders
domain: commerce
owner: olga@example.com
outputs: [{name: orders_fact, schema: orders.json}]
"""
COLUMNS = {"id": {"type": "integer"}, "customer_segment": {"type": "string"}}


def write(folder: Path, *columns: str, owner: str = "olga@example.com") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "product.yaml").write_text(ORDERS.replace("olga@example.com", owner))
    kept = {name: kind for name, kind in COLUMNS.items() if name in columns}
    (folder / "orders.json").write_text(json.dumps({"type": "object", "properties": kept}))
    return folder


@pytest.fixture
def shop(folder: Path) -> Path:
    """orders, from which bea's churn-model is made; the segment is removed from the files."""
    (folder / ".data-platform").mkdir()
    product = write(folder / "orders", *COLUMNS)
    (folder / "churn").mkdir()
    (folder / "churn" / "product.yaml").write_text(
        "name: churn-model\ndomain: growth\nowner: bea@example.com\noutputs: [{name: scores}]\n"
    )
    with Platform.open(folder / ".data-platform") as mesh:
        DataProduct(product, mesh).publish("orders_fact", [{"id": 1, "customer_segment": "gold"}])
        churn = DataProduct(folder / "churn", mesh)
        churn.publish("scores", churn.consume("orders", "orders_fact").select("customer_segment"))
    write(product, "id")
    return product


def test_it_names_who_is_broken_and_ends_as_register_would(run: Run, shop: Path) -> None:
    done = run("diff", shop)
    assert done.exit_code == 1
    assert done.stdout.startswith("refused    orders in domain commerce, revision 1\n")
    assert "orders_fact.customer_segment: column removed" in done.stdout
    assert "read by churn-model of domain growth, owner bea@example.com, last read today" in done.stdout
    assert "→ orders_fact is 1.0.0: write version: 2.0.0" in done.stdout
    told = run("register", shop)
    assert told.exit_code == 1
    assert (
        "readers of orders_fact.customer_segment: churn-model (owner bea@example.com, last read today)" in told.stderr
    )


def test_json_is_a_list_with_one_answer_for_each_file(run: Run, shop: Path) -> None:
    (shop.parent / "wrong").mkdir()
    (shop.parent / "wrong" / "product.yaml").write_text("name: wrong\n")
    done = run("diff", shop, shop.parent / "wrong", shop.parent / "churn", "--json")
    refused, wrong, same = json.loads(done.stdout)
    assert (done.exit_code, refused["verdict"], same["verdict"]) == (2, "refused", "unchanged")
    assert wrong["error"]["kind"] == "InvalidSpec"
    (broken,) = refused["breaks"]
    consumer = broken["consumers"][0]
    assert (broken["subject"], broken["refused"]) == ("orders_fact.customer_segment", True)
    assert (consumer["name"], consumer["owner"], consumer["columns"]) == (
        "churn-model",
        "bea@example.com",
        ["customer_segment"],
    )


def test_the_comment_has_a_table_of_what_breaks_and_hides_the_rest(run: Run, shop: Path) -> None:
    done = run("diff", shop, "--format", "markdown")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("### `orders` ❌ would be refused: it breaks ")
    (row,) = [line for line in lines if line.startswith("| `orders_fact.customer_segment`")]
    assert "`churn-model`, owner `bea@example.com`, last read today" in row
    assert "</details>" in lines


def test_a_product_that_is_new_and_one_that_did_not_change(run: Run, shop: Path) -> None:
    new = write(shop.parent / "new", "id")
    (new / "product.yaml").write_text((new / "product.yaml").read_text().replace("name: orders\n", "name: new\n"))
    done = run("diff", new, shop.parent / "churn")
    assert done.exit_code == 0
    assert "new        new in domain commerce, not registered yet" in done.stdout
    assert "unchanged  churn-model" in done.stdout
    assert run("show", "new").exit_code == 2


def test_another_refusal_is_told_with_its_reason(run: Run, shop: Path) -> None:
    write(shop, *COLUMNS, owner="mallory@example.com")
    for form in ("text", "markdown"):
        done = run("diff", shop, "--format", form)
        assert done.exit_code == 1
        assert "belongs to" in done.stdout.replace("\\", "")


def test_json_and_a_format_exclude_each_other(run: Run, folder: Path) -> None:
    assert run("diff", folder, "--json", "--format", "markdown").exit_code == 2


def test_foreign_text_stays_text_in_markdown() -> None:
    assert escape_markdown("a|b <img> @team [x](y)\n# z") == r"a\|b \<img\> \@team \[x\]\(y\) \# z"
    assert (format_code("a`b"), format_code("`a"), format_code("a|b")) == ("``a`b``", "`` `a ``", "`a\\|b`")
