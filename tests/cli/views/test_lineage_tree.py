"""Lineage as a tree."""

from __future__ import annotations

from data_platform.cli.views.lineage_tree import render_column_tree, render_tree
from data_platform.verbs.lineage.column_results import ColumnGraph, ColumnNode, Transformation
from data_platform.verbs.results import LineageGraph, LineageNode

SOURCE = LineageNode("shop", 'public."x"<b>#', "source", declared=False)
RAW = LineageNode("raw", "events", "product", declared=False, version=3, columns=("id", "at"), steps=(SOURCE,))
AGAIN = LineageNode("orders", "fact", "product", declared=True, cycle=True)
REPORT = LineageNode("report", "fact", "product", declared=False, version=2, feeds=("daily", "weekly"), steps=(AGAIN,))
GRAPH = LineageGraph("orders", (RAW, SOURCE), (REPORT,))


def test_a_tree_branches_and_marks() -> None:
    assert list(render_tree(GRAPH)) == [
        "orders",
        "comes from",
        "├── raw.events version 3  columns id, at",
        '│   └── shop.public."x"<b>#  [source]',
        '└── shop.public."x"<b>#  [source]',
        "goes to",
        "└── report.daily, weekly  reads fact version 2",
        "    └── orders  reads fact  [declared]  [cycle]",
    ]


def test_a_tree_of_columns_says_what_is_done_and_what_decides() -> None:
    direct, join = Transformation("DIRECT", "AGGREGATION", masking=True), Transformation("INDIRECT", "GROUP_BY")
    source = ColumnNode("shop", "public.orders", "amount", "source", None, (Transformation("DIRECT", "IDENTITY"),))
    raw = ColumnNode("raw", "events", "amount", "product", 3, (direct, join), steps=(source,))
    rows = ColumnNode("report", "daily", None, "product", None, (join,), again=True)
    assert list(render_column_tree(ColumnGraph("orders", "fact", "total", (raw,), (rows,)))) == [
        "orders.fact.total",
        "made from",
        "└── raw.events.amount version 3  masked aggregation, group by",
        "    └── shop.public.orders.amount  identity  [source]",
        "used in",
        "└── report.daily, every row  group by  [see above]",
    ]


def test_escapes_in_names_are_cleaned() -> None:
    graph = LineageGraph("orders", (LineageNode("shop", "a\x1b[2J\n", "source", declared=False),), ())
    assert "\x1b" not in "".join(render_tree(graph))
    assert len(list(render_tree(graph))) == 4
