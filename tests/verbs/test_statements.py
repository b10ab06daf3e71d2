"""How many SQL statements the frequent calls take, on SQLite.

Counted is every execution of a cursor, as SQLAlchemy reports it: queries, changes, and BEGIN; on SQLite also the
PRAGMA that makes a connection read-only or writable when that changes. A COMMIT is no execution of a cursor. The call
before the counted one is a publish, whose connection was writable at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from data_platform import DataProduct
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.publishing.publish import Publish
from tests.meshes import IDS, ROWS, World

RULE = "quality_rules: [{rule: no_negative, sql: SELECT COUNT(*) FROM t WHERE id < 0, threshold: 0}]"
POLICIES = """\
policies:
  - name: owned
    rule: {type: metadata-check, condition: ASSERT product.owner IS NOT NULL}
"""


@contextmanager
def recorded_statements(world: World) -> Iterator[list[str]]:
    """The statements that are executed in the block."""
    statements: list[str] = []

    def listen(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    engine = world.mesh.record._backend.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def run_counted(world: World, call: Callable[[], object]) -> list[str]:
    """The statements of one call."""
    with recorded_statements(world) as statements:
        call()
    return statements


@pytest.fixture
def product(world: World) -> DataProduct:
    """A product that was published twice under an unchanged contract."""
    product = world.product(columns=IDS, output=RULE)
    product.publish("t", ROWS)
    product.publish("t", ROWS)
    return product


def test_a_steady_publish_takes_at_most_24(world: World, product: DataProduct) -> None:
    statements = run_counted(world, lambda: product.publish("t", ROWS[:1]))
    assert len(statements) <= 24, "\n".join(statements)


def test_an_unchanged_register_takes_at_most_4(world: World, product: DataProduct) -> None:
    statements = run_counted(world, product.register)
    assert len(statements) <= 4, "\n".join(statements)


def test_a_consume_of_the_newest_version_takes_at_most_15(world: World, product: DataProduct) -> None:
    statements = run_counted(world, lambda: world.platform.consume("orders", "t"))
    assert len(statements) <= 15, "\n".join(statements)


@pytest.mark.parametrize("role", [Role.CONSUMER, Role.ADMIN])
def test_a_consume_by_a_principal_takes_at_most_20(world: World, product: DataProduct, role: Role) -> None:
    """It looks up the access, and which columns are personal data by now, whatever the decision shows."""
    world.act_as(Principal("eve@x", verified=True, roles=frozenset([RoleGrant(role)])))
    statements = run_counted(world, lambda: world.platform.consume("orders", "t"))
    assert len(statements) <= 20, "\n".join(statements)


def test_the_versions_take_at_most_9(world: World, product: DataProduct) -> None:
    statements = run_counted(world, lambda: world.platform.versions("orders", "t"))
    assert len(statements) <= 9, "\n".join(statements)


def test_an_unchanged_register_with_an_input_takes_two_more(world: World, product: DataProduct) -> None:
    reader = world.product("bills", IDS, more="inputs: [{data_product: orders, output: t}]")
    reader.register()
    product.publish("t", ROWS)
    statements = run_counted(world, reader.register)
    assert len(statements) <= 6, "\n".join(statements)


def test_a_steady_publish_with_a_reader_and_policies_takes_at_most_30(world: World, product: DataProduct) -> None:
    world.product("bills", IDS, more="inputs: [{data_product: orders, output: t}]").register()
    file = world.root / "policies.yaml"
    file.write_text(POLICIES)
    world.platform.apply_policies(file)
    product.publish("t", ROWS)
    statements = run_counted(world, lambda: product.publish("t", ROWS[:1]))
    assert len(statements) <= 30, "\n".join(statements)


def test_a_publish_with_an_idempotency_key_takes_at_most_7_more(world: World, product: DataProduct) -> None:
    file = world.root / "ids.csv"
    file.write_text("id\n1\n")
    request, attached = Publish("orders", "t"), Attachments(file)
    without = run_counted(world, lambda: world.transport.call(request, attached))
    keyed = replace(attached, idempotency_key="key")
    statements = run_counted(world, lambda: world.transport.call(request, keyed))
    assert len(statements) <= len(without) + 7, "\n".join(statements)
    assert len(run_counted(world, lambda: world.transport.call(request, keyed))) <= 7
