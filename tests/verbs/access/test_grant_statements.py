"""What grants cost a read: one statement, however many there are."""

from __future__ import annotations

from tests.verbs.access.conftest import Cast
from tests.verbs.test_statements import run_counted


def test_a_consume_takes_one_statement_for_grants(cast: Cast) -> None:
    mesh = cast.become("bo")
    mesh.consume("orders", "t")
    without = run_counted(cast.world, lambda: mesh.consume("orders", "t"))
    for number in range(5):
        id = cast.request("bo", purpose=f"churn {number}").id
        cast.become("ana").approve_access(id)
    mesh = cast.become("bo")
    mesh.consume("orders", "t")
    statements = run_counted(cast.world, lambda: mesh.consume("orders", "t"))
    assert len(statements) == len(without), "\n".join(statements)
    assert sum("FROM access_grants" in statement for statement in statements) == 1, "\n".join(statements)


def test_a_list_of_requests_takes_as_many_statements_as_it_names_outputs(cast: Cast) -> None:
    cast.request("bo")
    one = run_counted(cast.world, cast.become("ana").undecided_access_requests)
    for number in range(5):
        cast.request("bo", purpose=f"churn {number}")
    six = run_counted(cast.world, cast.become("ana").undecided_access_requests)
    assert len(six) <= len(one) + 6, "\n".join(six)
