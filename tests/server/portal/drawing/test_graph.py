"""The drawing of a lineage: nothing is lost in it, every way goes to the right, and it stays readable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data_platform.server.portal.drawing.graph import (
    MOST_NODES,
    Graph,
    GraphEdge,
    GraphNode,
    LineageDrawing,
    draw_graph,
)


def make_graph(*ways: tuple[str, str], **steps: int) -> Graph:
    graph = Graph()
    graph.add_node(GraphNode("focus", "focus", "", 0, "focus"))
    for key, step in steps.items():
        graph.add_node(GraphNode(key, key, "", step, "product", f"/lineage/{key}"))
    for start, end in ways:
        graph.add_edge(GraphEdge(start, end, certain=True))
    return graph


def read_places(drawing: LineageDrawing) -> dict[str, tuple[int, int]]:
    return {one.node.key: (one.x, one.y) for one in drawing.nodes}


def test_a_box_is_right_of_all_that_it_is_made_from() -> None:
    graph = make_graph(("a", "focus"), ("b", "focus"), ("a", "b"), ("focus", "c"), a=-1, b=-1, c=1)
    places = read_places(draw_graph(graph))
    assert places["a"][0] < places["b"][0] < places["focus"][0] < places["c"][0]


def test_a_cycle_is_drawn() -> None:
    graph = make_graph(("a", "focus"), ("b", "a"), ("a", "b"), a=-1, b=-2)
    drawing = draw_graph(graph)
    assert len(read_places(drawing)) == 3
    assert len(drawing.edges) == 3


def test_what_does_not_fit_is_counted() -> None:
    graph = make_graph(**{f"n{number}": -1 for number in range(3600)})
    drawing = draw_graph(graph)
    assert len(read_places(drawing)) == MOST_NODES
    assert [count for _, _, count in drawing.folds] == [3601 - MOST_NODES]


def test_the_first_view_of_a_tall_drawing_shows_the_focus() -> None:
    places = read_places(draw_graph(make_graph(**{f"n{number}": -1 for number in range(150)})))
    assert places["focus"][1] <= 240 < max(y for _, y in places.values())


def test_a_long_name_is_cut_in_its_box() -> None:
    graph = Graph()
    graph.add_node(GraphNode("focus", "x" * 100, "short", 0, "focus"))
    (box,) = draw_graph(graph).nodes
    assert (len(box.title), box.title[-1], box.subtitle) == (27, "…", "short")


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40))
def test_no_two_boxes_overlap_and_every_box_is_drawn(pairs: list[tuple[int, int]]) -> None:
    steps = {f"n{number}": -1 - number % 4 for number in range(13)}
    ways = [(f"n{start}", f"n{end}") for start, end in pairs if start != end]
    places = read_places(draw_graph(make_graph(*ways, **steps)))
    assert places.keys() == {"focus", *steps}
    assert len(set(places.values())) == len(places)
    assert all(x >= 0 and y >= 0 for x, y in places.values())
