"""Which columns a rule's SQL surely names: a slip is told when the file is read, and nothing right is ever refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec
from data_platform.spec.product.loading import load_product
from data_platform.spec.sql.columns import list_own_columns


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT COUNT(*) FROM orders WHERE id IS NULL", {"id"}),
        ("SELECT count(*) FROM Orders o WHERE o.amount < 0 AND orders.a = 1", {"amount", "a"}),
        ("SELECT count(*) FROM orders WHERE address.city = 'x'", {"address"}),
        ("SELECT max(amount) AS top FROM orders HAVING top > 3", {"amount"}),
        ("FROM orders SELECT count(*) WHERE current_date - at > INTERVAL 3 DAY", {"at"}),
        ("SELECT count(*) FROM orders WHERE user = by AND rowid > 1 AND extract(year FROM at) = 2020", {"by", "at"}),
        ("SELECT count(*) FILTER (WHERE a > 1) FROM orders QUALIFY row_number() OVER (PARTITION BY b) = 1", {"a", "b"}),
        ("SELECT count(*) FROM orders WHERE struct_pack(k := 1).k = a", {"a"}),
        ("SELECT count(columns(*)) FROM orders", set()),
    ],
)
def test_the_columns_of_the_one_table_are_named(sql: str, columns: set[str]) -> None:
    assert set(list_own_columns(sql, "orders")) == columns


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM orders JOIN other USING (x)",
        "SELECT count(*) FROM orders WHERE x IN (SELECT y FROM other)",
        "WITH w AS (SELECT z FROM orders) SELECT count(*) FROM w",
        "SELECT count(*) FROM (SELECT z AS y FROM orders) WHERE y > 1",
        "SELECT sum(list_sum(list_transform(xs, v -> v + 1))) FROM orders",
        "SELECT count(*) FROM orders WHERE [x FOR x IN xs IF x > 1] = []",
        "SELECT count(*) FROM other WHERE x = 1",
        "SELECT 1",
        "DROP TABLE orders",
    ],
)
def test_where_a_name_may_be_anything_nothing_is_said(sql: str) -> None:
    assert list_own_columns(sql, "orders") == ()


def test_a_misspelt_column_in_a_rule_is_told_with_its_place_and_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"type": "object", "properties": {"order_id": {"type": "integer"}}}')
    (tmp_path / "product.yaml").write_text(
        "name: orders\ndomain: sales\nowner: ana@x\noutputs:\n  - name: t\n    schema: t.json\n    quality_rules:\n"
        "      - {rule: right, sql: SELECT count(*) FROM t WHERE ORDER_ID IS NULL}\n"
        "      - {rule: wrong, sql: SELECT count(*) FROM t WHERE ordr_id IS NULL}\n"
    )
    with pytest.raises(InvalidSpec) as refused:
        load_product(tmp_path)
    [problem] = refused.value.problems
    assert problem.line == 9
    assert problem.message == 'the SQL of the rule "wrong" names the column "ordr_id", which t does not have'
    assert problem.hint == "did you mean order_id?"
