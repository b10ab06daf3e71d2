"""The door matrix of rows: one principal gets the same rows, or the same refusal, through every door.

What they are is stated here, door by door compared: principal by principal, visibility by visibility.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from data_platform.errors import AccessDenied, NotFound
from tests.doors.mesh import ACCESS, COLUMNS, PEOPLE, PERSONAL, Doors, make_rows
from tests.doors.readers import FLAT, ROW_DOORS, list_rows

EVERYTHING = frozenset(COLUMNS)
IMPERSONAL = EVERYTHING - PERSONAL
ALL, EUROPE, NONE = (1, 2, 3, 4, 5, 6), (3, 6), ()


@dataclass(frozen=True)
class View:
    """The rows that are seen, by their ids, and the columns with their values; all others are masked.

    On the rows `whole_ids` nothing is masked.
    """

    ids: tuple[int, ...]
    clear: frozenset[str]
    whole_ids: tuple[int, ...] = ()


CLEAR, MASKED = View(ALL, EVERYTHING), View(ALL, IMPERSONAL)
DENIED, UNKNOWN = AccessDenied, NotFound
Expected = View | type[AccessDenied] | type[NotFound]
VIEWS: dict[str, dict[str, Expected]] = {
    "owner": dict.fromkeys(ACCESS, CLEAR),
    "admin": dict.fromkeys(ACCESS, CLEAR),
    "other-owner": {"everybody": MASKED, "roles": MASKED, "partly": MASKED, "readers": DENIED, "unseen": UNKNOWN},
    "governor": {"everybody": MASKED, "roles": MASKED, "partly": MASKED, "readers": DENIED, "unseen": DENIED},
    "consumer": {"everybody": MASKED, "roles": MASKED, "partly": MASKED, "readers": DENIED, "unseen": UNKNOWN},
    "european": {
        "everybody": MASKED,
        "roles": MASKED,
        "partly": View(ALL, IMPERSONAL, EUROPE),
        "readers": View(EUROPE, IMPERSONAL),
        "unseen": MASKED,
    },
    "regionless": {
        "everybody": MASKED,
        "roles": MASKED,
        "partly": MASKED,
        "readers": View(NONE, IMPERSONAL),
        "unseen": MASKED,
    },
    "auditor": {
        "everybody": MASKED,
        "roles": MASKED,
        "partly": MASKED,
        "readers": View(ALL, frozenset(["id", "region", "email", "card"])),
        "unseen": UNKNOWN,
    },
    "granted": {"everybody": MASKED, "roles": MASKED, "partly": MASKED, "readers": MASKED, "unseen": UNKNOWN},
    "cleared": {"everybody": MASKED, "roles": CLEAR, "partly": MASKED, "readers": CLEAR, "unseen": UNKNOWN},
    "revoked": {"everybody": MASKED, "roles": MASKED, "partly": MASKED, "readers": DENIED, "unseen": UNKNOWN},
    "expired": {"everybody": MASKED, "roles": MASKED, "partly": MASKED, "readers": DENIED, "unseen": UNKNOWN},
    "barred": {"everybody": MASKED, "roles": MASKED, "partly": MASKED, "readers": DENIED, "unseen": UNKNOWN},
}
OFTEN = ("consumer", "european", "cleared")
"""Those who are asked for in every run; the others in the long lane."""
CELLS = [
    pytest.param(who, product, marks=() if who in OFTEN else pytest.mark.long) for who in PEOPLE for product in ACCESS
]


def open_door(doors: Doors, door: str, who: str, product: str) -> list[dict[str, Any]] | type[Exception]:
    try:
        return list_rows(ROW_DOORS[door](doors, who, product))
    except (AccessDenied, NotFound) as refusal:
        return type(refusal)


def test_the_matrix_is_complete() -> None:
    assert set(VIEWS) == set(PEOPLE)
    assert all(set(cells) == set(ACCESS) for cells in VIEWS.values())


@pytest.mark.parametrize(("who", "product"), CELLS)
def test_every_door_gives_the_same_rows(doors: Doors, who: str, product: str) -> None:
    expected = VIEWS[who][product]
    answers = {door: open_door(doors, door, who, product) for door in ROW_DOORS}
    first = answers["consume"]
    assert {door: answer for door, answer in answers.items() if answer != first} == {}
    if not isinstance(expected, View):
        assert first is expected
        return
    assert isinstance(first, list)
    assert [row["id"] for row in first] == list(expected.ids)
    stored = {row["id"]: row | {"birth": str(row["birth"])} for row in make_rows(product)}
    for row in first:
        whole = stored[row["id"]]
        clear = EVERYTHING if row["id"] in expected.whole_ids else expected.clear
        assert {name for name in FLAT if row[name] == whole[name]} - {"region"} == (clear - {"address", "region"}), row


def test_a_masked_value_is_what_its_mask_leaves(doors: Doors) -> None:
    rows = open_door(doors, "consume", "consumer", "roles")
    assert isinstance(rows, list)
    for row, whole in zip(rows, make_rows("roles"), strict=True):
        assert row["name"] == "***"
        assert row["phone"] is None
        assert row["birth"] == f"{whole['birth'].year}-01-01"
        assert row["salary"] == whole["salary"] // 1000 * 1000
        assert len({row["card"] for row in rows}) == 6
        assert "card" not in row["card"]
        assert f"mail-roles{row['id']}" not in row["email"]
