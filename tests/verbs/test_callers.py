"""One opened mesh, many callers at once: each acts under its own name, by its own door, and sees its own redirects."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from data_platform import DataProduct, Platform
from data_platform.errors import AccessDenied
from data_platform.platform import InProcess
from data_platform.settings import Principal
from data_platform.verbs.core.context import Caller
from tests.meshes import IDS, ROWS, World

CALLERS = 16
ROUNDS = 3


def platform_of(world: World, number: int, redirects: list[str] | None = None) -> Platform:
    """A platform over the one mesh, for a caller of its own."""
    heard = redirects if redirects is not None else []
    caller = Caller(Principal(f"user{number}@x", local=True), f"door{number}", lambda one: heard.append(one.name))
    return Platform(InProcess(world.mesh, caller=caller))


def run_at_once(work: Any) -> list[Any]:
    """The answers of `work(number)`, one for each caller; all begin at the same moment."""
    start = Barrier(CALLERS)

    def run(number: int) -> Any:
        start.wait(60)
        return work(number)

    with ThreadPoolExecutor(CALLERS) as threads:
        return list(threads.map(run, range(CALLERS)))


@pytest.mark.long
def test_what_each_caller_does_is_recorded_under_its_own_name_and_door(world: World) -> None:
    for number in range(CALLERS):
        world.product(f"p{number}", IDS).register()

    def work(number: int) -> list[list[int]]:
        platform = platform_of(world, number)
        product = DataProduct(world.root / "products" / f"p{number}", platform)
        seen = []
        for turn in range(ROUNDS):
            product.publish("t", [{"id": number * 100 + turn}])
            seen.append([row["id"] for row in platform.consume(f"p{number}", "t").collect()])
        platform.subscribe("p0")
        return seen

    answers = run_at_once(work)

    assert answers == [[[number * 100 + turn] for turn in range(ROUNDS)] for number in range(CALLERS)]
    for number in range(CALLERS):
        entries = [entry for entry in world.platform.audit_log(f"p{number}", limit=100) if entry.act == "publish"]
        assert {(entry.by, entry.door) for entry in entries} == {(f"user{number}@x", f"door{number}")}
        assert len(entries) == ROUNDS
    assert world.platform.verify_audit().ok


def test_a_denied_caller_and_an_allowed_one_share_a_mesh(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    stranger = Platform(InProcess(world.mesh, caller=Caller(Principal("mallory@x"))))

    def work(number: int) -> int:
        if number % 2:
            with pytest.raises(AccessDenied, match="mallory@x may not consume"):
                stranger.consume("orders", "t")
            return 0
        return platform_of(world, number).consume("orders", "t").count()

    assert run_at_once(work) == [0 if number % 2 else 3 for number in range(CALLERS)]


def test_redirects_are_told_to_the_caller_that_used_the_former_name(world: World) -> None:
    world.product("orders", IDS).publish("t", ROWS)
    world.write("purchases", (world.root / "products/orders/product.yaml").read_text().replace("orders", "purchases"))
    world.become("ana@x").rename("orders", "purchases")
    heard: list[list[str]] = [[] for _ in range(CALLERS)]

    def work(number: int) -> int:
        name = "orders" if number % 2 else "purchases"
        return platform_of(world, number, heard[number]).consume(name, "t").count()

    assert run_at_once(work) == [3] * CALLERS
    assert heard == [["orders"] if number % 2 else [] for number in range(CALLERS)]
