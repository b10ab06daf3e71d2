"""Whatever happens to majors in whatever order, a plain name means what a model of a few lines says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform import DataProduct
from data_platform.errors import NotFound
from tests.meshes import World, json_schema

MAJORS = (1, 2, 3)
_products = count(1)

steps = st.lists(
    st.tuples(st.sampled_from(["list", "publish", "publish", "deprecate", "retire"]), st.sampled_from(MAJORS)),
    min_size=4,
    max_size=9,
)


@dataclass
class Major:
    """What the model knows of one major: every version's content, and how far its end has come."""

    published: list[int] = field(default_factory=list)
    deprecated: bool = False
    retired: bool = False


@dataclass
class Majors:
    """A product whose output `t` has the column `c1` in major 1, `c2` in major 2, and so on; `listed` is its file."""

    world: World
    name: str
    known: dict[int, Major] = field(default_factory=dict)
    listed: tuple[int, ...] = ()
    acts: list[tuple[str, str]] = field(default_factory=list)
    opened: list[tuple[Any, list[dict[str, int]]]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    def list(self, major: int) -> None:
        """Lists the next major beside those before it, if that is not beyond `major`; else the newest alone."""
        newest = max(self.known, default=0)
        if major > newest:
            self.known[newest + 1] = Major()
            self.listed = tuple(m for m, each in self.known.items() if not each.retired)
        elif self.known[newest].retired:
            return
        else:
            self.listed = (newest,)
        for each in self.gone:
            self.known[each].deprecated = False
        self._product().register()

    def _product(self) -> DataProduct:
        owner = json.dumps(self.world.platform.principal.name)  # whose own reads hold up no end
        lines = [f"name: {self.name}", "domain: sales", f"owner: {owner}", "outputs:"]
        lines += [f"  - {{name: t, version: {m}.0.0, schema: c{m}.json}}" for m in self.listed]
        schemas = {f"c{m}": json_schema({f"c{m}": {"type": "integer"}}) for m in self.listed}
        return DataProduct(self.world.write(self.name, "\n".join(lines) + "\n", **schemas), self.world.platform)

    def publish(self, major: int) -> None:
        """A version of one row, if the file may list the major."""
        if major not in self.listed or any(self.known[m].retired for m in self.listed):
            return
        number = next(self.numbers)
        done = self._product().publish(f"t@{major}", [{f"c{major}": number}])
        self.known[major].published.append(number)
        assert done.version == len(self.known[major].published)

    def deprecate(self, major: int) -> None:
        """Announces an end; what the file dropped before it had data is there no more."""
        if major in self.gone:
            with pytest.raises(NotFound):
                self.world.platform.deprecate(self.name, f"t@{major}", self.world.clock() + timedelta(days=1))
        elif major in self.known and not self.known[major].retired:
            self.world.platform.deprecate(self.name, f"t@{major}", self.world.clock() + timedelta(days=1))
            self._ended(major, "deprecate")

    def retire(self, major: int) -> None:
        """Closes it, once its end was announced."""
        if major in self.known and self.known[major].deprecated and not self.known[major].retired:
            self.world.platform.retire(self.name, f"t@{major}")
            self._ended(major, "retire")

    def _ended(self, major: int, act: str) -> None:
        self.known[major].deprecated = True
        self.known[major].retired = act == "retire"
        self.acts.append((act, f"{self.name}.t@{major}"))

    @property
    def gone(self) -> set[int]:
        """The majors that the file dropped before they had data."""
        return {m for m, each in self.known.items() if m not in self.listed and not (each.published or each.retired)}

    @property
    def plain(self) -> int | None:
        """The major that `t` should mean: with data, rather not deprecated, rather newer."""
        standing = [(not each.deprecated, m) for m, each in self.known.items() if each.published and not each.retired]
        return max(standing)[1] if standing else None

    def read(self, output: str, expected: list[dict[str, int]], **pins: int) -> None:
        """Reads, and keeps what was opened, to read it again at the end."""
        frame = self.world.platform.consume(self.name, output, **pins)
        assert frame.to_arrow().to_pylist() == expected
        self.opened.append((frame, expected))

    def agrees(self) -> None:
        """The plain name reads what the model says."""
        if self.plain is None:
            with pytest.raises(NotFound):
                self.world.platform.consume(self.name, "t")
        else:
            self.read("t", self.content(self.plain))

    def content(self, major: int, version: int = 0) -> list[dict[str, int]]:
        """The rows of a version, by default the newest."""
        return [{f"c{major}": self.known[major].published[version - 1]}]


@pytest.mark.long
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_majors_and_the_model_agree(world: World, steps: list[tuple[str, int]]) -> None:
    majors = Majors(world, f"orders{next(_products)}")
    majors.list(1)
    for step, major in steps:
        world.clock.later(minutes=1)
        getattr(majors, step)(major)
        majors.agrees()
    for major, each in majors.known.items():
        for version in range(1, len(each.published) + 1):
            if not each.retired:
                majors.read(f"t@{major}", majors.content(major, version), version=version)
    for frame, expected in majors.opened:
        assert frame.to_arrow().to_pylist() == expected
    log = world.platform.audit_log(majors.name, limit=None)
    ended = [(entry.act, entry.subject) for entry in reversed(log) if entry.act in ("deprecate", "retire")]
    assert ended == majors.acts
