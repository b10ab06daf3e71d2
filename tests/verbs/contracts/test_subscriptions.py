"""Who follows a product hears of its contract's changes and of the ends of its majors, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data_platform import verbs
from data_platform.errors import NotFound
from data_platform.settings import Principal, Role, RoleGrant, TokenScope
from tests.meshes import IDS, NOON, World

ADMIN = Principal("admin@x", verified=True, roles=frozenset([RoleGrant(Role.ADMIN)]))
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


def test_listing_news_marks_nothing_as_seen(followed: World) -> None:
    listed = followed.transport.call(verbs.Changes())
    assert listed == followed.transport.call(verbs.Changes()) != []
    assert followed.platform.subscriptions()[0].seen == NOON


def test_an_acknowledgement_holds_for_what_was_seen_alone(followed: World) -> None:
    (seen,) = followed.platform.changes(stay_new=True)
    followed.clock.later(hours=1)
    followed.product(columns=IDS | {"city": {"type": "string"}} | NAMED).register()
    assert followed.platform.acknowledge_changes("orders", seen.at).seen == seen.at
    (unseen,) = followed.platform.changes(stay_new=True)
    assert unseen.at > seen.at


def test_an_acknowledgement_is_not_taken_back_and_reaches_no_future_change(followed: World) -> None:
    now = followed.clock()
    assert followed.platform.acknowledge_changes("orders", now + timedelta(days=9)).seen == now
    assert followed.platform.acknowledge_changes("orders", NOON).seen == now
    with pytest.raises(NotFound, match="does not follow other"):
        followed.platform.acknowledge_changes("other", now)


def test_news_stay_new_for_who_may_only_read(followed: World) -> None:
    followed.act_as(replace(ADMIN, name=followed.context.principal.name, scope=TokenScope(read_only=True)))
    assert followed.platform.changes() == followed.platform.changes() != []


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
