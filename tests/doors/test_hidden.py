"""A product that is hidden from a caller answers at every door as a name that nobody has registered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from data_platform.errors import DataPlatformError
from tests.doors.mesh import HIDDEN, Doors
from tests.verbs.lineage.events import make_event

ABSENT = "absent"
FORMS = {
    "a product": "{}",
    "a product in quotes": '"{}"',
    "an output": '"{}-tbl"',
    "both": '"{}"."{}-tbl"',
    "both in one pair of quotes": '"{}.{}-tbl"',
    "a former name": '"{}-before"',
    "a former name and an output": '"{}-before"."{}-tbl"',
    "a major": '"{}@1"',
    "a version": '"{}#2"',
    "a moment": '"{}@2026-01-31"',
    "a major of an output": '"{}"."{}-tbl@2"',
    "a version of an output": '"{}-tbl#1"',
    "without quotes": "{}@2",
    "a version without quotes": "{}#2",
    "an output without quotes": "{}.x-y@2",
}


def compare(doors: Doors, ask: Callable[[Doors, str], object]) -> None:
    """Asks for the hidden product and for an absent one: the answers differ in nothing but the name."""
    answers = []
    for name in (HIDDEN, ABSENT):
        try:
            answer = repr(ask(doors, name))
        except DataPlatformError as error:
            answer = f"{type(error).__name__}: {error.message} → {error.hint}"
        answers.append(answer.replace(name, "NAME"))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("who", ["consumer", "other-owner"])
def test_a_query_says_nothing_of_a_hidden_product(doors: Doors, form: str, who: str) -> None:
    compare(doors, lambda doors, name: doors.connect(who).sql("SELECT * FROM " + FORMS[form].replace("{}", name)))


def test_an_output_of_a_hidden_product_stands_in_nobodys_way(doors: Doors) -> None:
    with doors.connect("consumer").sql("SELECT id FROM roles") as rows:
        assert rows.to_arrow().num_rows


@pytest.mark.parametrize("name", ["{}.{}-tbl", "{}-before.{}-tbl", "{}.roles"])
def test_an_event_of_lineage_says_nothing_of_a_hidden_output(doors: Doors, name: str) -> None:
    def send_event(doors: Doors, product: str) -> object:
        return doors.connect("other-owner").receive_lineage(
            [make_event(("data-platform", name.replace("{}", product)))]
        )

    compare(doors, send_event)


def test_an_event_of_lineage_says_nothing_of_the_folder_of_a_hidden_output(doors: Doors) -> None:
    place = doors.mesh.home.path / "tables" / f"{HIDDEN}-before" / f"{HIDDEN}-tbl"
    assert place.is_dir()

    def send_event(doors: Doors, product: str) -> object:
        event = make_event(("file", str(place).replace(HIDDEN, product)))
        return doors.connect("other-owner").receive_lineage([event])

    compare(doors, send_event)
