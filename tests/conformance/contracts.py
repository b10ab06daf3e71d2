"""ODCS contracts with data, and the verdicts of two tools: ours, and datacontract-cli's where it is another one.

Where they differ the reason stands beside it, and in docs/guides/test-a-contract.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

HEADER = "id,amount,status,at\n"
GOOD = HEADER + "1,2.5,paid,2026-11-23T10:00:00Z\n2,3,open,2026-11-23T11:00:00Z\n"
OLD = GOOD.replace("2026", "2020")
ZONED = {"logicalTypeOptions": {"timezone": True}}
COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "id": {"logicalType": "integer", "required": True},
    "amount": {"logicalType": "number"},
    "status": {"logicalType": "string"},
    "at": {"logicalType": "timestamp", **ZONED},
}
THEIR_WORDS = {"passed": "passed", "warned": "warning", "refused": "failed"}


@dataclass(frozen=True)
class Case:
    """`data` under a contract whose `columns` say more than the plain ones; `theirs` None is the same as `ours`."""

    ours: str
    data: str = GOOD
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    quality: Sequence[Mapping[str, Any]] = ()
    sla: Sequence[Mapping[str, Any]] = ()
    theirs: str | None = None

    @property
    def expected(self) -> str:
        """What datacontract-cli says."""
        return self.theirs or THEIR_WORDS[self.ours]

    def contract(self) -> dict[str, Any]:
        """The ODCS document."""
        properties = [{"name": name, **column, **self.columns.get(name, {})} for name, column in COLUMNS.items()]
        return {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": "orders",
            "name": "orders",
            "version": "1.0.0",
            "status": "active",
            "servers": [{"server": "local", "type": "local", "path": "orders.csv", "format": "csv"}],
            "schema": [
                {
                    "name": "orders",
                    "logicalType": "object",
                    "physicalType": "table",
                    "properties": properties,
                    "quality": list(self.quality),
                }
            ],
            "slaProperties": list(self.sla),
        }


def metric(name: str, **more: Any) -> dict[str, Any]:
    """A library metric."""
    return {"type": "library", "metric": name, **more}


def negative(**more: Any) -> dict[str, Any]:
    """A rule in SQL that finds one row of `GOOD + NEGATIVE`."""
    return {"name": "negative", "type": "sql", "query": "SELECT COUNT(*) FROM {object} WHERE amount < 0", **more}


def aged(name: str) -> list[dict[str, Any]]:
    """A promise of a day."""
    return [{"property": name, "value": 1, "unit": "d", "element": "orders.at"}]


NEGATIVE = "3,-1,paid,2026-11-23T11:00:00Z\n"
DOUBLE = "2,1,paid,2026-11-23T11:00:00Z\n"
EMPTY = "3,1,,2026-11-23T11:00:00Z\n"
VALID = metric("invalidValues", mustBe=0, arguments={"validValues": ["paid", "open"]})

CASES: Mapping[str, Case] = {
    "what fits": Case("passed"),
    "columns in another order": Case("passed", "status,at,id,amount\npaid,2026-11-23T10:00:00Z,1,2\n"),
    "no rows": Case("passed", HEADER),
    "null where a value is required": Case("refused", GOOD + ",1,paid,2026-11-23T10:00:00Z\n"),
    "a required column is missing": Case("refused", "amount,status,at\n1,paid,2026-11-23T10:00:00Z\n"),
    "text in a number": Case("refused", GOOD + "3,abc,paid,2026-11-23T10:00:00Z\n"),
    "text in a timestamp": Case("refused", GOOD + "3,1,paid,yesterday\n"),
    "unique": Case("passed", columns={"id": {"unique": True}}),
    "not unique": Case("refused", GOOD + DOUBLE, {"id": {"unique": True}}),
    "a primary key twice": Case("refused", GOOD + DOUBLE, {"id": {"primaryKey": True}}),
    "below the minimum": Case("refused", GOOD + NEGATIVE, {"amount": {"logicalTypeOptions": {"minimum": 0}}}),
    "another pattern": Case("refused", GOOD, {"status": {"logicalTypeOptions": {"pattern": "^paid$"}}}),
    "too long": Case("refused", GOOD, {"status": {"logicalTypeOptions": {"maxLength": 3}}}),
    "no null values": Case("refused", GOOD + EMPTY, {"status": {"quality": [metric("nullValues", mustBe=0)]}}),
    "at most half are null": Case(
        "passed", GOOD + EMPTY, {"status": {"quality": [metric("nullValues", mustBeLessThan=50, unit="percent")]}}
    ),
    "an invalid value": Case("refused", GOOD + "3,1,lost,\n", {"status": {"quality": [VALID]}}),
    "null is not invalid": Case("passed", GOOD + EMPTY, {"status": {"quality": [VALID]}}),
    "a duplicate": Case("refused", GOOD + DOUBLE, {"id": {"quality": [metric("duplicateValues", mustBe=0)]}}),
    "between includes its ends": Case("passed", quality=[metric("rowCount", mustBeBetween=[2, 5])]),
    "a rule in SQL": Case("refused", GOOD + NEGATIVE, quality=[negative(mustBe=0)]),
    "a warning": Case("warned", GOOD + NEGATIVE, quality=[negative(mustBe=0, severity="warning")]),
    "a rule that cannot run": Case("refused", quality=[negative(mustBe=0) | {"query": "SELECT nothing FROM orders"}]),
    "a rule that gives null": Case(
        "refused", quality=[negative(mustBe=0) | {"query": "SELECT max(amount) FROM orders WHERE amount > 9"}]
    ),
    "a check in words": Case("passed", quality=[{"name": "words", "type": "text", "description": "In CHF."}]),
    # They judge each column for itself; we judge the table: an optional column may be left out, no other may be added.
    "an optional column is missing": Case("passed", "id,amount,at\n1,2,2026-11-23T10:00:00Z\n", theirs="failed"),
    "a column too many": Case(
        "refused", "id,amount,status,at,more\n1,2,paid,2026-11-23T10:00:00Z,x\n", theirs="passed"
    ),
    # They let DuckDB cast: 1.5 becomes 2, and a zone is dropped that the contract does not know.
    "1.5 is no integer": Case("refused", GOOD + "1.5,1,paid,2026-11-23T10:00:00Z\n", theirs="passed"),
    "a zone in a timestamp without one": Case(
        "refused", columns={"at": {"logicalTypeOptions": {"timezone": False}}}, theirs="passed"
    ),
    # They do not look at formats.
    "no e-mail address": Case(
        "refused", columns={"status": {"logicalTypeOptions": {"format": "email"}}}, theirs="passed"
    ),
    # Quoted empty text is text to us, nothing to them.
    "empty text": Case("passed", HEADER + '1,1,"",\n', {"status": {"required": True}}, theirs="failed"),
    # Of three equal rows they count one duplicate, the value; we count two, the rows that are too many.
    "three equal rows": Case(
        "refused",
        HEADER + "1,1,paid,\n" * 3,
        {"id": {"quality": [metric("duplicateValues", mustBeLessOrEqualTo=1)]}},
        theirs="passed",
    ),
    # A promise is not a rule: a broken one warns, unless --strict. Latency is the standard's word, freshness theirs.
    "fresh no more": Case("warned", OLD, sla=aged("freshness"), theirs="failed"),
    "latency": Case("warned", OLD, sla=aged("latency"), theirs="passed"),
    "kept for too long": Case("warned", OLD, sla=aged("retention"), theirs="failed"),
    # Neither runs Soda's checks: they warn, we name it.
    "another engine": Case(
        "passed",
        quality=[{"name": "soda", "type": "custom", "engine": "soda", "implementation": "type: duplicate_percent"}],
        theirs="warning",
    ),
}
