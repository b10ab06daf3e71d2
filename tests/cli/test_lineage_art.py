"""Lineage as a tree and as Mermaid."""

from __future__ import annotations

from data_platform.cli.lineage_art import mermaid, tree
from data_platform.verbs.results import LineageGraph, LineageNode

SOURCE = LineageNode("shop", 'public."x"<b>#', "source", declared=False)
RAW = LineageNode("raw", "events", "product", declared=False, version=3, columns=("id", "at"), steps=(SOURCE,))
AGAIN = LineageNode("orders", "fact", "product", declared=True, cycle=True)
REPORT = LineageNode("report", "fact", "product", declared=False, version=2, feeds=("daily", "weekly"), steps=(AGAIN,))
GRAPH = LineageGraph("orders", (RAW, SOURCE), (REPORT,))


def test_a_tree_branches_and_marks() -> None:
    assert list(tree(GRAPH)) == [
        "orders",
        "comes from",
        "├── raw.events version 3  columns id, at",
        '│   └── shop.public."x"<b>#  [source]',
        '└── shop.public."x"<b>#  [source]',
        "goes to",
        "└── report.daily, weekly  reads fact version 2",
        "    └── orders  reads fact  [declared]  [again, see above]",
    ]


def test_mermaid_names_each_node_once_and_escapes_labels() -> None:
    assert mermaid(GRAPH).splitlines() == [
        "flowchart LR",
        '  n0["orders"]',
        '  n1["raw"]',
        '  n2[("shop")]',
        '  n3["report"]',
        '  n1 -->|"events version 3"| n0',
        '  n2 -->|"public.#quot;x#quot;#lt;b#gt;#35;"| n1',
        '  n2 -->|"public.#quot;x#quot;#lt;b#gt;#35;"| n0',
        '  n0 -->|"fact version 2"| n3',
        '  n3 -.->|"fact"| n0',
    ]


def test_escapes_in_names_are_cleaned() -> None:
    graph = LineageGraph("orders", (LineageNode("shop", "a\x1b[2J\n", "source", declared=False),), ())
    assert "\x1b" not in "".join(tree(graph)) + mermaid(graph)
    assert len(mermaid(graph).splitlines()) == 4
