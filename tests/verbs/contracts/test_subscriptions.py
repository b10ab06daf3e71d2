"""Who follows a product hears of its contract's changes and of the ends of its majors, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.errors import NotFound
from tests.meshes import IDS, NOON, World

NAMED = IDS | {"name": {"type": "string"}}


@pytest.fixture
def followed(world: World) -> World:
    """orders, followed from its first contract on, and changed an hour later."""
    world.product(columns=IDS).register()
    world.platform.subscribe("orders")
    world.clock.later(hours=1)
    world.product(columns=NAMED).register()
    world.product("other", IDS).register()
    return world


def test_news_are_what_happened_since_and_are_news_once(followed: World) -> None:
    (kept,) = followed.platform.changes(stay_new=True)
    (change,) = followed.platform.changes()
    assert change == kept
    assert (change.product, change.happened, change.revision, change.new) == ("orders", "changed", 2, True)
    assert change.changes == ("t.name: column added, string",)
    assert change.by == followed.context.principal.name
    assert followed.platform.changes() == []


def test_the_whole_history_is_there_for_everybody(followed: World) -> None:
    history = followed.platform.changes("orders")
    assert [(each.happened, each.new) for each in history] == [("changed", True), ("registered", False)]
    assert [each.new for each in followed.platform.changes("other")] == [False]
    assert followed.platform.changes() != []
    with pytest.raises(NotFound):
        followed.platform.changes("nothing")


def test_the_end_of_a_major_is_announced(followed: World) -> None:
    followed.product(columns=NAMED).publish("t", [{"id": 1, "name": "x"}])
    followed.platform.changes()
    followed.clock.later(hours=1)
    followed.product(columns=IDS, more="version: 2.0.0").register()
    followed.platform.deprecate("orders", "t@1", NOON + timedelta(days=60))
    news = {each.happened: each for each in followed.platform.changes()}
    assert news["deprecated"].output == "t@1"
    assert news["deprecated"].ends_at == NOON + timedelta(days=60)
    assert news["changed"].version == "2.0.0"


def test_everybody_follows_for_themselves(followed: World) -> None:
    (mine,) = followed.platform.subscriptions()
    assert (mine.product, mine.since) == ("orders", NOON)
    followed.become("bea@x")
    assert followed.platform.subscriptions() == []
    assert followed.platform.changes() == []
    with pytest.raises(NotFound, match="bea@x does not follow orders"):
        followed.platform.unsubscribe("orders")


def test_who_follows_no_more_hears_nothing(followed: World) -> None:
    followed.platform.unsubscribe("orders")
    assert followed.platform.changes() == []
    with pytest.raises(NotFound):
        followed.platform.subscribe("nothing")
