"""Tokens in the record, and what a presented token is authenticated by."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Connection

from data_platform.record.identity import authentication, principals, roles, teams, tokens
from data_platform.record.identity.authentication import Attribution
from data_platform.record.identity.principals import PrincipalRow
from data_platform.record.identity.roles import MESH_WIDE, RoleRow
from data_platform.record.identity.teams import Membership
from data_platform.record.identity.tokens import TokenRow
from data_platform.record.store import Record
from data_platform.settings import Role
from tests.record.given import NOON, later

GIVEN = TokenRow(0, "d" * 64, "dpt_abcdef", "ana", "owner", None, None, ("sales",), False, NOON, "root", None)


def add(conn: Connection, name: str, kind: str = "person", acts_for: str | None = None) -> None:
    principals.add(conn, PrincipalRow(name, kind, acts_for, NOON, "root"))


def is_valid(conn: Connection, now: datetime, digest: str = GIVEN.digest) -> bool:
    found = authentication.find_token(conn, digest)
    return found is not None and found.is_valid(now)


def test_a_token_is_kept_as_it_was_written_and_ends_once(record: Record) -> None:
    with record.transaction() as conn:
        id = tokens.add(conn, GIVEN)
        assert tokens.find(conn, id) == replace(GIVEN, id=id)
        tokens.record_use(conn, id, later(hours=1))
        assert tokens.revoke(conn, id, later(hours=2), "bo")
        assert not tokens.revoke(conn, id, later(hours=3), "cy")
        (row,) = tokens.list_all(conn, "ana")
        assert (row.last_used_at, row.revoked_at, row.revoked_by) == (later(hours=1), later(hours=2), "bo")
        assert tokens.list_all(conn, "bo") == ()


def test_a_token_counts_until_it_expires_or_is_revoked(record: Record) -> None:
    with record.transaction() as conn:
        add(conn, "ana")
        id = tokens.add(conn, replace(GIVEN, expires_at=later(days=1)))
        assert is_valid(conn, later(hours=23))
        assert not is_valid(conn, later(days=1))
        assert not is_valid(conn, NOON, "e" * 64)
        assert tokens.revoke_all(conn, "ana", NOON, "root") == 1
        assert tokens.revoke_all(conn, "ana", NOON, "root") == 0
        assert tokens.find(conn, id) is not None
        assert not is_valid(conn, NOON)


@pytest.mark.parametrize("disabled", ["bot", "ana"])
def test_the_token_of_an_agent_counts_while_it_and_its_person_may_ask(record: Record, disabled: str) -> None:
    with record.transaction() as conn:
        add(conn, "ana")
        add(conn, "bot", "agent", "ana")
        tokens.add(conn, replace(GIVEN, principal="bot"))
        assert is_valid(conn, NOON)
        assert principals.disable(conn, disabled, NOON, "root")
        assert not is_valid(conn, NOON)
        assert principals.enable(conn, disabled)
        assert is_valid(conn, NOON)


def test_a_principal_has_the_roles_of_its_teams_until_they_are_disabled(record: Record) -> None:
    with record.transaction() as conn:
        add(conn, "ana")
        for team in ("shop", "crm"):
            add(conn, team, "team")
            teams.add(conn, Membership(team, "ana", NOON, "root"))
        roles.grant(conn, RoleRow("ana", Role.CONSUMER, MESH_WIDE, NOON, "root"))
        roles.grant(conn, RoleRow("shop", Role.OWNER, "sales", NOON, "root"))
        roles.grant(conn, RoleRow("other", Role.ADMIN, MESH_WIDE, NOON, "root"))
        shop = {Attribution("ana", "shop", None, ""), Attribution("ana", "shop", "owner", "sales")}
        others = {Attribution("ana", "crm", None, ""), Attribution("ana", None, "consumer", "")}
        assert set(authentication.list_attributions(conn, ["ana"])) == shop | others
        principals.disable(conn, "shop", NOON, "root")
        assert set(authentication.list_attributions(conn, ["ana"])) == others
