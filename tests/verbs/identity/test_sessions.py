"""Sessions of browsers: once, for a time, and only while their principal may ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from data_platform.errors import NotAuthenticated
from data_platform.record.identity import principals
from data_platform.settings import Principal
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.identity.sessions import (
    authenticate_session,
    create_exchange_code,
    create_link_code,
    create_session,
    end_session,
    take_code,
)
from tests.meshes import World

OWNER = Principal("ana@x", local=True)


def test_a_link_works_once_and_gives_the_owner_of_the_home(world: World) -> None:
    code = create_link_code(world.mesh, OWNER)
    session = create_session(world.mesh, take_code(world.mesh, code, None), local=True)
    assert authenticate_session(world.mesh, session) == OWNER
    with pytest.raises(NotAuthenticated, match="used before"):
        take_code(world.mesh, code, None)


def test_of_many_browsers_that_open_the_link_at_once_one_gets_in(world: World) -> None:
    code = create_link_code(world.mesh, OWNER)

    def take(_: int) -> bool:
        try:
            return take_code(world.mesh, code, None) == "ana@x"
        except NotAuthenticated:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]


def test_a_link_ends_after_ten_minutes_and_a_code_for_a_token_after_one(world: World) -> None:
    link, code = create_link_code(world.mesh, OWNER), create_exchange_code(world.mesh, OWNER, "challenge")
    world.clock.later(minutes=1)
    with pytest.raises(NotAuthenticated):
        take_code(world.mesh, code, "challenge")
    world.clock.later(minutes=9)
    with pytest.raises(NotAuthenticated):
        take_code(world.mesh, link, None)


def test_a_session_ends_after_twelve_hours_and_at_sign_out(world: World) -> None:
    first, second = (create_session(world.mesh, "ana@x", local=True) for _ in range(2))
    end_session(world.mesh, first)
    end_session(world.mesh, first)
    assert authenticate_session(world.mesh, first) is None
    assert authenticate_session(world.mesh, second) == OWNER
    world.clock.later(hours=12)
    assert authenticate_session(world.mesh, second) is None


def test_the_session_of_a_person_ends_with_the_person(world: World) -> None:
    world.platform.create_token("bo@x", "consumer", kind="person")
    session = create_session(world.mesh, "bo@x", local=False)
    who = authenticate_session(world.mesh, session)
    assert who is not None
    assert (who.name, who.verified, who.local) == ("bo@x", True, False)
    with world.mesh.record.transaction() as tx:
        principals.disable(tx, "bo@x", world.clock(), "ana@x")
    assert authenticate_session(world.mesh, session) is None


def test_a_stranger_who_guesses_takes_no_lock_of_writers(world: World) -> None:
    with world.mesh.record.transaction():  # on SQLite a second writer would wait
        with pytest.raises(NotAuthenticated):
            take_code(world.mesh, "guessed", None)
        end_session(world.mesh, "guessed")
        assert authenticate_session(world.mesh, "guessed") is None


@pytest.mark.parametrize("session", ["", "a" * 43, "\udcff", "x" * 100_000, "\x00"])
def test_what_is_no_session_stands_for_nobody(world: World, session: str) -> None:
    assert authenticate_session(world.mesh, session) is None


def test_sessions_are_no_tokens_and_tokens_are_no_sessions(world: World) -> None:
    token = world.platform.create_token("loader", "owner").token
    session = create_session(world.mesh, "ana@x", local=True)
    assert authenticate_session(world.mesh, token) is None
    assert authenticate_token(world.mesh, session) is None


def test_the_record_holds_no_text_that_signs_in(world: World) -> None:
    texts = [create_link_code(world.mesh, OWNER), create_session(world.mesh, "ana@x", local=True)]
    with world.mesh.record.reading() as conn:
        stored = [
            str(row) for table in ("sessions", "signin_codes") for row in conn.execute(text(f"SELECT * FROM {table}"))
        ]
    assert len(stored) == 2
    assert not any(secret in row for secret in texts for row in stored)
