"""Whatever is asked, decided, revoked and renewed in whatever order, who sees what agrees with a small model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete

from data_platform.access.actions import Action, Resource
from data_platform.errors import AccessDenied, DataPlatformError
from data_platform.record.db.access_schema import (
    ACCESS_DECISIONS,
    ACCESS_GRANTS,
    ACCESS_REQUEST_OUTPUTS,
    ACCESS_REQUESTS,
)
from data_platform.settings import Home
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.mesh import Mesh
from tests.hypothesis_lanes import examples
from tests.meshes import Clock, World
from tests.verbs.access.conftest import COLUMNS, PERSONAL, ROWS, Cast

LONGEST = timedelta(days=10)
READERS = st.sampled_from(["bo", "cy"])
DECIDERS = st.sampled_from(["ana", "ann", "gus", "bo", "root"])
"""Ana and Ann own, Gus governs, Bo reads, Root opened the home and may do both."""
STEWARDS, GOVERNORS = {"ana", "ann", "root"}, {"gus", "root"}
RESTRICTED = f"{PERSONAL}\naccess: {{visibility: restricted, max_duration: 10 days}}"


@dataclass
class Asked:
    """A request as the model has it."""

    by: str
    until: datetime | None
    renews: Asked | None = None
    renews_personal: bool = False
    steward: str | None = None
    governor: str | None = None
    closed: bool = False
    ends: datetime | None = None
    began: bool = False
    personal: bool = False
    revoked: bool = False

    def is_open(self, now: datetime) -> bool:
        return self.began and not self.revoked and (self.ends is None or now < self.ends)

    def list_missing(self, now: datetime) -> list[str]:
        """What is still to approve."""
        is_over = self.closed or (self.began and not self.is_open(now))
        is_over |= self.renews is not None and self.renews.revoked and not self.began
        if is_over or (not self.began and self.until is not None and self.until <= now):
            return []
        return [name for name, who in (("steward", self.steward), ("governor", self.governor)) if who is None]

    def choose(self, who: str, now: datetime) -> str | None:
        """The approval that `who` can give now."""
        if who == self.by or (who != "root" and who in (self.steward, self.governor)):
            return None
        missing = self.list_missing(now)
        if "steward" in missing and who in STEWARDS:
            return "steward"
        return "governor" if "governor" in missing and who in GOVERNORS else None

    def approve(self, who: str, now: datetime) -> None:
        setattr(self, self.choose(who, now) or "", who)
        if self.steward is None:
            return
        if not self.began:
            self.began, self.ends = True, min(self.until or now + LONGEST, now + LONGEST)
            if self.renews is not None:
                self.renews.revoked = True
        self.personal = self.governor is not None


class Access(RuleBasedStateMachine):
    """Two readers of a restricted output, and those who decide; `model` has the requests by id."""

    cast: ClassVar[Cast]

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[int, Asked] = {}
        with self.cast.world.mesh.record.transaction() as tx:
            for table in (ACCESS_GRANTS, ACCESS_DECISIONS, ACCESS_REQUEST_OUTPUTS, ACCESS_REQUESTS):
                tx.execute(delete(table))

    @property
    def now(self) -> datetime:
        return self.cast.world.clock.now

    def does(self, act: Callable[[], object], *, works: bool) -> None:
        """The act is done, or refused, as the model says."""
        if works:
            act()
            return
        with pytest.raises(DataPlatformError):
            act()

    def pick(self, which: int) -> tuple[int, Asked]:
        return list(self.model.items())[which % len(self.model)]

    @rule(who=READERS, days=st.sampled_from([None, 2, 30]), again=st.booleans())
    def ask(self, who: str, days: int | None, again: bool) -> None:
        until, purpose = None if days is None else self.now + timedelta(days=days), f"churn {len(self.model)}"
        made: list[int] = []
        works = until is None or until <= self.now + LONGEST
        for _ in range(1 + again):
            self.does(
                lambda: made.append(self.cast.become(who).request_access("orders.t", purpose, until=until).id),
                works=works,
            )
        assert len(set(made)) == works
        if works:
            self.model[made[0]] = Asked(who, until)

    @precondition(lambda self: self.model)
    @rule(which=st.integers(0, 9), who=DECIDERS)
    def approve(self, which: int, who: str) -> None:
        id, asked = self.pick(which)
        works = asked.choose(who, self.now) is not None
        self.does(lambda: self.cast.become(who).approve_access(id), works=works)
        if works:
            asked.approve(who, self.now)

    @precondition(lambda self: self.model)
    @rule(which=st.integers(0, 9), who=DECIDERS)
    def deny(self, which: int, who: str) -> None:
        id, asked = self.pick(which)
        works = asked.choose(who, self.now) is not None
        self.does(lambda: self.cast.become(who).deny_access(id, "no"), works=works)
        asked.closed |= works

    @precondition(lambda self: self.model)
    @rule(which=st.integers(0, 9), who=READERS)
    def withdraw(self, which: int, who: str) -> None:
        id, asked = self.pick(which)
        works = who == asked.by and bool(asked.list_missing(self.now))
        self.does(lambda: self.cast.become(who).withdraw_access_request(id), works=works)
        asked.closed |= works

    @precondition(lambda self: self.model)
    @rule(which=st.integers(0, 9), who=st.sampled_from(["ana", "gus", "bo", "cy"]))
    def revoke(self, which: int, who: str) -> None:
        id, asked = self.pick(which)
        works = asked.is_open(self.now) and who in ("ana", "gus", asked.by)
        self.does(lambda: self.cast.become(who).revoke_access(id), works=works)
        asked.revoked |= works

    @precondition(lambda self: self.model)
    @rule(which=st.integers(0, 9), who=READERS, days=st.sampled_from([3, 30]))
    def renew(self, which: int, who: str, days: int) -> None:
        id, asked = self.pick(which)
        until, made = self.now + timedelta(days=days), []
        works = who == asked.by and asked.began and not asked.revoked and until <= self.now + LONGEST
        same = [number for number, other in self.model.items() if self.is_pending_renewal(other, asked)]
        works &= all(self.model[number].until == until for number in same)
        self.does(lambda: made.append(self.cast.become(who).renew_access(id, until).id), works=works)
        if works and same:
            assert made == same
        elif works:
            self.model[made[0]] = Asked(who, until, renews=asked, renews_personal=asked.personal)

    def is_pending_renewal(self, other: Asked, asked: Asked) -> bool:
        """Whether it asks to renew the present grant of `asked`, and nothing of it is decided finally."""
        is_same = other.renews is asked and other.renews_personal == asked.personal
        return is_same and bool(other.list_missing(self.now))

    @rule(days=st.sampled_from([1, 2, 9]))
    def wait(self, days: int) -> None:
        self.cast.world.clock.later(days=days)

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        schema = self.cast.world.product(columns=COLUMNS, owner="shop", more=RESTRICTED).file.schemas["t"]
        for who in ("bo", "cy"):
            open_now = [asked for asked in self.model.values() if asked.by == who and asked.is_open(self.now)]
            expected = None if not open_now else "all" if any(asked.personal for asked in open_now) else "plain"
            assert self.see(who, schema) == expected, who

    def see(self, who: str, schema: TableSchema) -> str | None:
        """What the decision about a read opens: everything, the columns without personal data, or nothing."""
        context = Context(self.cast.world.mesh, Caller(self.cast.principals[who]))
        try:
            decision = authorize(context, Action.CONSUME, Resource.of("orders", "t"))
        except AccessDenied:
            return None
        masks = decision.view_columns("t", schema, schema.masked).masks
        return "plain" if "email" in masks else "all"


@pytest.mark.long
def test_who_sees_what_agrees_with_the_model(tmp_path: Path, empty_home: Path) -> None:
    mesh = Mesh.open(Home(shutil.copytree(empty_home, tmp_path / "home")))
    mesh.clock = clock = Clock()
    try:
        world = World(tmp_path, mesh, clock)
        cast = Cast(world, world.transport.caller.principal)
        for name, role, team in (("ana", "owner", "shop"), ("ann", "owner", "shop"), ("bo", "consumer", None)):
            cast.add(name, role, kind="person", **({} if team is None else {"team": team}))
        cast.add("cy", "consumer", kind="person")
        cast.add("gus", "governor", kind="person")
        cast.become("root")
        world.product(columns=COLUMNS, owner="shop", more=RESTRICTED).publish("t", ROWS)
        Access.cast = cast
        run_state_machine_as_test(
            Access, settings=settings(max_examples=examples(60), stateful_step_count=20, deadline=None)
        )
    finally:
        mesh.close()
