"""The door matrix of facts: no answer about a product holds a value that its reader may not see.

The doors come from the list of verbs: a verb that reads and is not here fails `test_every_verb_that_reads_is_a_door`.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from dataclasses import MISSING, fields
from typing import Any

import pytest

from data_platform.access.actions import Action
from data_platform.errors import DataPlatformError
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.wire.errors import encode_error
from data_platform.verbs.wire.messages import encode_answer
from tests.doors.mesh import ACCESS, PEOPLE, PERSONAL, Doors, make_row
from tests.doors.test_rows import CLEAR, VIEWS, View

READING = (Action.READ, Action.CONSUME, Action.AUDIT)
ROW_VERBS = {"Consume", "RunFrame", "Sql"}
"""Their rows are compared in test_rows.py; what they answer beside the rows is looked at here too."""
OFTEN = ("consumer", "european")
"""Those who are asked for in every run; the others in the long lane."""
VALUES: dict[str, Any] = {
    "output": "t",
    "column": "email",
    "name": "sales",
    "team": "shop",
    "statement": "SELECT",
    "tables": (),
}
DOORS = sorted(name for name, verb in VERBS.items() if verb.action in READING and verb.served)


def make_request(name: str, product: str) -> Any:
    """A request about a product, or about the mesh where the verb names none."""
    kind = load_request(name)
    values: dict[str, Any] = {}
    for one in fields(kind):
        if one.name == "product":
            values["product"] = product
        elif one.name == "query":
            values["query"] = f'SELECT * FROM "{product}".t'
        elif one.default is MISSING and one.default_factory is MISSING:
            values[one.name] = VALUES.get(one.name, 1 if one.name == "version" else "x")
    return kind(**values)


def ask(doors: Doors, name: str, who: str, product: str) -> str:
    """What a door answers, or refuses with, as text."""
    context = Context(doors.mesh, Caller(doors.principal(who), "http"))
    try:
        answer = encode_answer(name, dispatch(context, make_request(name, product)))
    except DataPlatformError as error:
        answer = encode_error(error)
    finally:
        for rows in context.streams.values():
            deque(rows, maxlen=0)  # a result that is not read ends its worker, and the next query starts another
            rows.close()
    return json.dumps(answer, ensure_ascii=False, default=str)


def list_canaries(product: str, columns: frozenset[str]) -> dict[str, str]:
    """The values of columns in the forms that an answer may have them in, by what they are."""
    found = {}
    for number in range(1, 8):
        row = make_row(product, number)
        for column in columns:
            value = row["address"]["street"] if column == "address" else row[column]
            text = str(value)
            for form, shown in {
                "text": text,
                "reversed": text[::-1],
                "hexadecimal": text.encode().hex(),
                "base64": base64.b64encode(text.encode()).decode().rstrip("=")[:-2],
            }.items():
                found[f"{column} of row {number} as {form}"] = shown
    return found


def list_hidden_columns(who: str, product: str) -> frozenset[str]:
    """The columns whose values no fact shows: personal data is masked for everybody where rows are shown to all."""
    view = VIEWS[who][product]
    return PERSONAL | (frozenset() if isinstance(view, View) and view.ids == CLEAR.ids else frozenset(["note"]))


@pytest.mark.parametrize("who", [who if who in OFTEN else pytest.param(who, marks=pytest.mark.long) for who in PEOPLE])
@pytest.mark.parametrize("name", DOORS)
def test_no_answer_holds_a_hidden_value(doors: Doors, name: str, who: str) -> None:
    for product in ACCESS:
        answer = ask(doors, name, who, product)
        leaks = [
            what for what, form in list_canaries(product, list_hidden_columns(who, product)).items() if form in answer
        ]
        assert not leaks, (product, answer[:2000])


def test_every_verb_that_reads_is_a_door() -> None:
    assert set(DOORS) >= ROW_VERBS
    for name in DOORS:
        assert make_request(name, "roles") is not None
