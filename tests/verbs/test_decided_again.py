"""Two callers at one moment: what one was allowed is decided again once the other has changed the facts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, local
from typing import Any

import pytest

from data_platform import DataProduct, Platform, verbs
from data_platform.access.relations import Relationship
from data_platform.access.rules import RULES
from data_platform.errors import AccessDenied, DataPlatformError, Refused
from data_platform.platform import InProcess
from data_platform.settings import Home
from data_platform.verbs.core.authorization import authorize
from data_platform.verbs.core.context import Caller
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.identity.authenticate import authenticate_token
from data_platform.verbs.registry import VERBS
from tests.meshes import IDS, ROWS, World
from tests.postgres import Server

OF_FACTS = {
    Relationship.OWNER,
    Relationship.DOMAIN_MEMBER,
    Relationship.DOMAIN_OWNER,
    Relationship.RECIPIENT,
    Relationship.SUCCESSOR,
}


@dataclass
class Race:
    """A mesh of several callers. Each one's first decision waits for the others', before anybody acts on it."""

    world: World
    monkeypatch: pytest.MonkeyPatch

    def sign_in(self, name: str, role: str = "owner", team: str | None = None) -> Platform:
        who = authenticate_token(
            self.world.mesh, Platform(InProcess(self.world.mesh)).create_token(name, role, team=team).token
        )
        assert who is not None
        return Platform(InProcess(self.world.mesh, caller=Caller(who)))

    def product(self, caller: Platform, name: str = "orders", owner: str = "nobody@x") -> DataProduct:
        return DataProduct(self.world.product(name, IDS, owner=owner).file.path, caller)

    def run(self, *acts: Callable[[], Any]) -> list[Any]:
        """What each answered or raised."""
        together, thread, find_facts = Barrier(len(acts)), local(), authorize.find_facts

        def find_and_wait(*arguments: Any) -> Any:
            facts = find_facts(*arguments)
            if not hasattr(thread, "decided"):
                thread.decided = True
                together.wait(60)
            return facts

        def act(run: Callable[[], Any]) -> Any:
            try:
                return run()
            except DataPlatformError as error:
                return error

        self.monkeypatch.setattr(authorize, "find_facts", find_and_wait)
        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(act, acts))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engines)])
def race(
    request: pytest.FixtureRequest, tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Race]:
    home = tmp_path / "home"
    if request.param == "sqlite":
        shutil.copytree(empty_home, home)
    else:
        url, server = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_server")
        assert isinstance(server, Server)
        monkeypatch.setenv("MESH_PASSWORD", server.password)
        home.mkdir()
        url = url.replace(f":{server.password}@", ":${MESH_PASSWORD}@")
        (home / "settings.toml").write_text(f'[record]\nurl = "{url}"\n')
    mesh = Mesh.open(Home(home))
    try:
        yield Race(World(tmp_path, mesh, mesh.clock), monkeypatch)  # type: ignore[arg-type]  # the real clock
        assert Platform(InProcess(mesh)).verify_audit().ok
    finally:
        mesh.close()


def split(answers: list[Any]) -> tuple[list[Any], list[Any]]:
    """The answers, and the errors."""
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    return [answer for answer in answers if answer not in errors], errors


def test_a_new_name_is_of_the_first_who_registers_it(race: Race) -> None:
    callers = [race.sign_in(name) for name in ("ana@x", "bea@x")]
    products = [race.product(caller) for caller in callers]
    done, denied = split(race.run(*(product.register for product in products)))
    assert ([answer.revision for answer in done], [type(error) for error in denied]) == ([1], [AccessDenied])


def test_a_name_that_a_first_publish_registers_is_of_the_first(race: Race) -> None:
    products = [race.product(race.sign_in(name)) for name in ("ana@x", "bea@x")]
    publish = [lambda product=product: product.publish("t", ROWS) for product in products]
    done, denied = split(race.run(*publish))
    assert ([answer.version for answer in done], [type(error) for error in denied]) == ([1], [AccessDenied])


def test_a_refused_first_publish_leaves_no_trace_at_a_product_of_another(race: Race) -> None:
    ana, bea = race.sign_in("ana@x"), race.sign_in("bea@x")
    fine, wrong = race.product(ana), race.product(bea)
    race.run(fine.register, lambda: wrong.publish("t", [{"id": "x"}]))
    owners = {revision.by for revision in race.world.platform.changes("orders")}
    refused = [entry.by for entry in race.world.platform.audit_log("orders", act="refusal")]
    assert (owners == {"ana@x"} and refused == []) or (owners == {"bea@x"} and refused == ["bea@x"])


def test_a_domain_is_of_the_first_who_registers_in_it(race: Race) -> None:
    callers = {name: race.sign_in(name) for name in ("ana@x", "bea@x")}
    products = [race.product(caller, f"of-{name[:3]}", name) for name, caller in callers.items()]
    done, denied = split(race.run(*(product.register for product in products)))
    assert [type(error) for error in denied] == [AccessDenied]
    (domain,) = race.world.platform.domains()
    assert domain.owner == f"{done[0].product.removeprefix('of-')}@x"


def test_an_offer_is_accepted_by_whom_it_is_made_to_at_that_moment(race: Race) -> None:
    ana, bea = race.sign_in("ana@x"), race.sign_in("bea@x")
    race.product(race.world.platform, "first").register()  # the domain is nobody's
    race.product(ana, owner="ana@x").register()
    race.sign_in("cy@x")
    ana.transfer("orders", "bea@x")
    offered, accepted = race.run(lambda: ana.transfer("orders", "cy@x"), lambda: bea.accept_transfer("orders"))
    owner = race.world.platform.show("orders").owner
    if owner == "bea@x":
        assert isinstance(offered, AccessDenied) and race.world.platform.transfers() == []
    else:
        assert isinstance(accepted, AccessDenied) and owner == "ana@x"


def test_an_address_has_one_holder(race: Race) -> None:
    admins = [race.sign_in(name, "admin") for name in ("one", "two")]
    for team in ("shop", "crm"):
        race.world.platform.create_team(team)
    claims = [
        lambda a=admin, t=team: a.claim_owner("nobody@x", t)
        for admin, team in zip(admins, ("shop", "crm"), strict=True)
    ]
    done, refused = split(race.run(*claims))
    assert ([len(done)], [type(error) for error in refused]) == ([1], [Refused])


def test_what_is_decided_by_facts_is_decided_in_the_transaction() -> None:
    """A verb that writes reads as if it were alone: its module, or the one named here, decides in its transaction."""
    folder, elsewhere = Path(verbs.__file__).parent, {"Publish": "publishing.promote"}
    for name, verb in VERBS.items():
        if not verb.writes or OF_FACTS.isdisjoint(RULES[verb.action].relations) or verb.request == "Release":
            continue
        module = elsewhere.get(name, verb.place.partition(":")[0])
        text = (folder / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
        decides = r"authorized_transaction\(|authorize_again\(|authorize\(.*(tx|conn)\)|find_permitted_run\(context, tx"
        decides += r"|(list|map)_capacities\(context, (tx|conn)"
        assert re.search(decides, text) or name in ROWS_FIRST, name


ROWS_FIRST = {"ReceiveLineage": "each event is decided, and kept in a transaction of its own"}
