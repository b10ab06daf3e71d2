"""A graph as a tree in which every node is unfolded once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
N = TypeVar("N")


@dataclass
class SpanningTree(Generic[K, S, N]):
    """The tree around a place.

    `steps` are the ways from a place, each with the place where it ends; `build` makes a node of (step, cycle, again,
    nodes below); `meets` says whether two places are one. A place is unfolded where it is nearest, and only marked
    (`again`) elsewhere, so that the tree is never larger than the graph; one that lies on its own way is a `cycle`.
    """

    steps: Callable[[K], Sequence[tuple[S, K]]]
    build: Callable[[S, bool, bool, tuple[N, ...]], N]
    meets: Callable[[K, K], bool]
    depth: int
    distance: dict[K, int] = field(default_factory=dict)
    steps_by_place: dict[K, Sequence[tuple[S, K]]] = field(default_factory=dict)

    def build_around(self, start: K) -> tuple[N, ...]:
        """The nodes one step away, with theirs, `depth` steps far."""
        self.distance = {start: 0}
        frontier = [start]
        for far in range(1, self.depth + 1):
            ends = dict.fromkeys(end for place in frontier for _, end in self._find_steps(place))
            frontier = [end for end in ends if end not in self.distance]
            self.distance.update(dict.fromkeys(frontier, far))
        return self._below(start, (start,), set())

    def _below(self, place: K, path: tuple[K, ...], unfolded: set[K]) -> tuple[N, ...]:
        if len(path) > self.depth:
            return ()
        nodes = []
        for step, end in self._find_steps(place):
            cycle = any(self.meets(end, earlier) for earlier in path)
            nearest = self.distance[end] == len(path) and end not in unfolded
            inner: tuple[N, ...] = ()
            if nearest and not cycle:
                unfolded.add(end)
                inner = self._below(end, (*path, end), unfolded)
            nodes.append(self.build(step, cycle, not (nearest or cycle) and bool(self._find_steps(end)), inner))
        return tuple(nodes)

    def _find_steps(self, place: K) -> Sequence[tuple[S, K]]:
        if place not in self.steps_by_place:
            self.steps_by_place[place] = self.steps(place)
        return self.steps_by_place[place]
