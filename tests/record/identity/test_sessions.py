"""Sessions, codes and accounts in the record."""

from __future__ import annotations

from sqlalchemy import func, select

from data_platform.record.db.session_schema import SESSIONS, SIGNIN_CODES
from data_platform.record.identity import accounts, sessions, signin_codes
from data_platform.record.identity.sessions import SessionRow
from data_platform.record.identity.signin_codes import SignInCode
from data_platform.record.store import Record
from tests.record.given import NOON, later

SESSION = SessionRow("a" * 64, "ann@x.test", False, NOON, later(hours=12))
CODE = SignInCode("c" * 64, "ann@x.test", None, NOON, later(minutes=10))


def test_a_session_lasts_until_it_expires_or_is_removed(record: Record) -> None:
    with record.transaction() as conn:
        sessions.add(conn, SESSION)
        assert sessions.find(conn, SESSION.digest, later(hours=11)) == SESSION
        assert sessions.find(conn, SESSION.digest, later(hours=12)) is None
        assert sessions.find(conn, "b" * 64, NOON) is None
        assert sessions.remove(conn, SESSION.digest)
        assert not sessions.remove(conn, SESSION.digest)
        assert sessions.find(conn, SESSION.digest, NOON) is None


def test_what_has_expired_is_removed_by_what_comes_next(record: Record) -> None:
    with record.transaction() as conn:
        sessions.add(conn, SESSION)
        signin_codes.add(conn, CODE)
        sessions.add(conn, SessionRow("b" * 64, "bo", True, later(hours=13), later(hours=25)))
        signin_codes.add(conn, SignInCode("d" * 64, "bo", None, later(hours=1), later(hours=2)))
        assert conn.scalar(select(func.count()).select_from(SESSIONS)) == 1
        assert conn.scalar(select(func.count()).select_from(SIGNIN_CODES)) == 1


def test_a_code_is_taken_once_in_time_and_with_its_challenge(record: Record) -> None:
    with record.transaction() as conn:
        signin_codes.add(conn, CODE)
        signin_codes.add(conn, SignInCode("d" * 64, "bo", "challenge", NOON, later(minutes=1)))
        assert signin_codes.take(conn, CODE.digest, None, later(minutes=10)) is None
        assert signin_codes.take(conn, CODE.digest, "challenge", NOON) is None
        assert signin_codes.take(conn, CODE.digest, None, NOON) == "ann@x.test"
        assert signin_codes.take(conn, CODE.digest, None, NOON) is None
        assert signin_codes.take(conn, "d" * 64, None, NOON) is None
        assert signin_codes.take(conn, "d" * 64, "challenge", NOON) == "bo"


def test_an_account_belongs_to_one_person_and_a_person_has_one_account_of_an_issuer(record: Record) -> None:
    with record.transaction() as conn:
        assert accounts.find_person(conn, "https://id", "u-1") is None
        assert accounts.add(conn, "https://id", "u-1", "ann@x.test", NOON)
        assert not accounts.add(conn, "https://id", "u-1", "bo@x.test", NOON)
        assert not accounts.add(conn, "https://id", "u-2", "ann@x.test", NOON)
        assert accounts.add(conn, "https://other", "u-2", "ann@x.test", NOON)
        assert accounts.find_person(conn, "https://id", "u-1") == "ann@x.test"
