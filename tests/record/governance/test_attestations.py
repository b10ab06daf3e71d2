from __future__ import annotations

from data_platform.record.governance import attestations
from data_platform.record.governance.attestations import Attestation
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

GIVEN = Attestation(0, "orders", "audit-trail", "https://wiki/audit", NOON, "ana", later(days=30))


def test_a_word_holds_from_its_moment_to_its_end(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
        attestations.add(conn, GIVEN)
        for moment, count in ((later(seconds=-1), 0), (NOON, 1), (later(days=29), 1), (later(days=30), 0)):
            assert len(attestations.list_active(conn, moment, "orders")) == count
        assert len(attestations.list_history(conn)) == 1


def test_a_withdrawn_word_holds_no_more_and_is_kept(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
        id = attestations.add(conn, GIVEN)
        assert attestations.withdraw(conn, id, later(days=1), "bo")
        assert not attestations.withdraw(conn, id, later(days=2), "cy")
        assert attestations.list_active(conn, later(days=3)) == ()
        kept = attestations.find(conn, id)
        assert kept is not None
        assert (kept.withdrawn_at, kept.withdrawn_by, kept.evidence) == (later(days=1), "bo", "https://wiki/audit")
