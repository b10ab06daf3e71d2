"""Lineage as Mermaid and as Graphviz text, whatever names it holds."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from data_platform.cli.views.lineage_graph import draw_column_graph, draw_graph, render_dot, render_mermaid
from data_platform.verbs.lineage.column_results import ColumnGraph, ColumnNode, Transformation
from data_platform.verbs.results import LineageGraph, LineageNode

SOURCE = LineageNode("shop", 'public."x"<b>#', "source", declared=False)
RAW = LineageNode("raw", "events", "product", declared=False, version=3, columns=("id", "at"), steps=(SOURCE,))
AGAIN = LineageNode("orders", "fact", "product", declared=True, cycle=True)
REPORT = LineageNode("report", "fact", "product", declared=False, version=2, feeds=("daily", "weekly"), steps=(AGAIN,))
GRAPH = LineageGraph("orders", (RAW, SOURCE), (REPORT,))


def test_mermaid_names_each_node_once_and_escapes_labels() -> None:
    assert render_mermaid(draw_graph(GRAPH)).splitlines() == [
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


def test_dot_says_the_same_in_quoted_text() -> None:
    assert render_dot(draw_graph(GRAPH)).splitlines() == [
        "digraph lineage {",
        "  rankdir=LR;",
        "  node [shape=box];",
        '  n0 [label="orders"];',
        '  n1 [label="raw"];',
        '  n2 [label="shop", shape=cylinder];',
        '  n3 [label="report"];',
        '  n1 -> n0 [label="events version 3"];',
        '  n2 -> n1 [label="public.\\"x\\"<b>#"];',
        '  n2 -> n0 [label="public.\\"x\\"<b>#"];',
        '  n0 -> n3 [label="fact version 2"];',
        '  n3 -> n0 [label="fact", style=dashed];',
        "}",
    ]


def test_columns_are_nodes_and_what_only_decides_is_faint() -> None:
    filtered = ColumnNode("report", "daily", None, "product", None, (Transformation("INDIRECT", "FILTER"),))
    raw = ColumnNode("raw", "events", "amount", "product", 3, (Transformation("DIRECT", "IDENTITY"),))
    drawing = draw_column_graph(ColumnGraph("orders", "fact", "amount", (raw,), (filtered,)))
    assert render_mermaid(drawing).splitlines()[1:] == [
        '  n0["orders.fact.amount"]',
        '  n1["raw.events.amount"]',
        '  n2["report.daily, every row"]',
        '  n1 -->|"identity"| n0',
        '  n0 -.->|"filter"| n2',
    ]


@given(st.text(max_size=20))
def test_no_name_leaves_its_quotes(name: str) -> None:
    graph = LineageGraph(name, (LineageNode(name, name, "source", declared=False),), ())
    flow, directed = render_mermaid(draw_graph(graph)), render_dot(draw_graph(graph))
    for line in flow.splitlines()[1:]:
        assert re.fullmatch(r'  n\d+(\[\(?"[^"<>&`]*"\)?\]| --> ?(\|"[^"<>&`]*"\|)? n\d+)', line), line
    for line in directed.splitlines()[3:-1]:
        assert re.fullmatch(r'  n\d( -> n\d)? \[label="([^"\\]|\\\\|\\")*"(, shape=cylinder)?\];', line), line
    assert len(flow.splitlines()) == 4 and len(directed.splitlines()) == 7
