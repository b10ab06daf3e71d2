"""subscribe, unsubscribe and changes on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.commands.contracts.test_diff import write
from tests.cli.conftest import Run


def test_a_follower_is_told_the_news_once(run: Run, folder: Path) -> None:
    product = write(folder / "orders", "id")
    run("register", product)
    assert "subscribed   orders" in run("subscribe", "orders").stdout
    run("register", write(product, "id", "customer_segment"))
    news = run("changes", "--keep").stdout
    assert "changed    orders  revision 2, version 1.0.0, by ana@example.com" in news
    assert "orders_fact.customer_segment: column added, string" in news
    (told,) = json.loads(run("changes", "--json").stdout)
    assert (told["happened"], told["new"]) == ("changed", True)
    again = run("changes")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "no new changes\n")
    assert run("changes", "orders").stdout.count("orders  revision") == 2


def test_what_is_followed_is_listed_and_ended(run: Run, folder: Path) -> None:
    run("register", write(folder / "orders", "id"))
    assert "you have no subscriptions" in run("subscribe").stderr
    run("subscribe", "orders")
    assert [each["product"] for each in json.loads(run("subscribe", "--json").stdout)] == ["orders"]
    assert "orders" in run("subscribe").stdout
    assert run("unsubscribe", "orders").exit_code == 0
    assert run("unsubscribe", "orders").exit_code == 2
    assert run("subscribe", "nothing").exit_code == 2
