"""Terms: who defines them, how they are found, and which columns are linked to them, for who finds the product."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import AccessDenied, BadInput, NotFound, Refused
from data_platform.record.glossary import terms
from data_platform.record.glossary.terms import find_letter, make_key
from data_platform.settings import Principal, Role
from data_platform.settings.principal import RoleGrant
from tests.meshes import ROWS, World

LINKED = {"id": {"type": "integer", "term": "customer  number"}, "name": {"type": "string"}}


def names(world: World, *args: str, **more: object) -> list[str]:
    return [term.name for term in world.platform.terms(*args, **more).terms]  # type: ignore[arg-type]


def test_a_term_is_found_by_any_case_and_by_its_words(world: World) -> None:
    mesh = world.platform
    mesh.define_term("Customer", "Who has ordered at least once", synonyms=["client", "buyer"])
    mesh.define_term("Zahlungsziel", "Days until an invoice is due")
    mesh.define_term("éclair", "100%_sweet")
    assert mesh.term("  cUSTOMER ").term.name == "Customer"
    assert names(world) == ["Customer", "Zahlungsziel", "éclair"]
    assert names(world, "ORDERED client") == ["Customer"]
    assert names(world, "%_") == ["éclair"]
    assert names(world, "invoice client") == []
    assert names(world, letter="É") == ["éclair"]
    assert dict(mesh.terms("", "Z").letters) == {"C": 1, "Z": 1, "É": 1}
    page = mesh.terms(limit=1, offset=1)
    assert ([term.name for term in page.terms], page.total) == (["Zahlungsziel"], 3)


def test_a_change_keeps_what_is_not_given(world: World) -> None:
    mesh = world.platform
    mesh.define_domain("sales")
    first = mesh.define_term("Customer", "Who orders", "ann@x", "sales", synonyms=["client"])
    second = mesh.define_term("CUSTOMER", definition="Who has ordered")
    assert (second.owner, second.domain, second.synonyms) == (first.owner, "sales", ("client",))
    assert (second.name, second.definition) == ("CUSTOMER", "Who has ordered")
    assert mesh.define_term("customer", domain="", synonyms=()).domain is None


def test_a_link_to_a_term_that_is_not_in_the_glossary_is_warned_about(world: World) -> None:
    """A misspelt term would go unnoticed; one of a domain that the caller does not find is not there for it."""
    orders = world.product("orders", LINKED)
    (warning,) = orders.register().warnings
    define = "data-platform glossary define 'customer number' --definition TEXT"
    place, _, said = warning.partition(": ")
    file, line = place.rsplit(":", 1)
    assert said == f"t.id: the term customer number is not in the glossary: {define}"
    assert '"term"' in Path(file).read_text("utf-8").splitlines()[int(line) - 1]
    assert orders.register().warnings == (warning,)
    world.platform.define_term("Customer Number", "The number on the card")
    assert world.product("bills", LINKED).register().warnings == ()
    world.platform.retire_term("customer number")
    (warning,) = world.product("returns", LINKED).register().warnings
    assert ": t.id: the term Customer Number was retired on " in warning


def test_a_new_term_needs_a_definition_and_a_parent_is_named_as_it_was_given(world: World) -> None:
    with pytest.raises(BadInput, match="Party is a new term without a definition") as missing:
        world.platform.define_term("Party")
    assert missing.value.hint is not None and "--definition TEXT" in missing.value.hint
    with pytest.raises(NotFound, match="there is no term Partey"):
        world.platform.define_term("Customer", "Who orders", parent="Partey")


def test_columns_are_linked_by_the_current_contract(world: World) -> None:
    orders = world.product("orders", LINKED)
    orders.register()
    world.platform.define_term("Customer Number", "The number on the card")
    detail = world.platform.term("customer number")
    assert [(link.product, link.output, link.column) for link in detail.links] == [("orders", "t", "id")]
    assert detail.term.columns == 1
    assert world.platform.show("orders").outputs[0].columns[0].term == "customer number"
    world.product("orders", {"id": {"type": "integer"}, "name": {"type": "string"}}).register()
    assert world.platform.term("customer number").links == ()


def test_a_field_inside_a_column_is_linked_by_its_path(world: World) -> None:
    inner = {"type": "object", "properties": {"city": {"type": "string", "term": "City"}}}
    world.product("orders", {"address": inner}).register()
    world.platform.define_term("City", "A place")
    assert [link.column for link in world.platform.term("City").links] == ["address.city"]


def test_links_follow_a_renamed_product(world: World) -> None:
    world.product("orders", LINKED).register()
    world.platform.define_term("customer number", "…")
    world.become("ana@x").rename("orders", "sales-orders")
    assert [link.product for link in world.platform.term("customer number").links] == ["sales-orders"]


def test_search_finds_products_by_term(world: World) -> None:
    world.product("orders", LINKED).register()
    world.product("other", {"id": {"type": "integer"}}).register()
    hits = world.platform.search("customer number")
    assert [hit.name for hit in hits] == ["orders"]
    assert [(one.field, one.text) for one in hits[0].highlights] == [("term", "customer number")]


def test_a_term_of_a_column_changes_the_contract_and_breaks_nobody(world: World) -> None:
    orders = world.product("orders", {"id": {"type": "integer"}})
    orders.publish("t", ROWS)
    world.product("orders", {"id": {"type": "integer", "term": "Customer"}}).register()
    changes = [change for change in world.platform.changes("orders") if change.happened == "changed"]
    assert "term" in str(changes[0].changes)


def test_a_parent_is_there_and_nobody_is_above_itself(world: World) -> None:
    mesh = world.platform
    mesh.define_term("Party", "A person or an organisation")
    mesh.define_term("Customer", "Who orders", parent="party")
    assert mesh.term("Party").narrower == ("Customer",)
    assert mesh.term("Customer").term.parent == "Party"
    with pytest.raises(BadInput, match="above itself"):
        mesh.define_term("Party", parent="Customer")
    with pytest.raises(NotFound):
        mesh.define_term("Customer", parent="nothing")


def test_a_retired_term_is_listed_when_asked_and_comes_back(world: World) -> None:
    mesh = world.platform
    mesh.define_term("Client", "Who orders")
    assert mesh.retire_term("client").retired_at is not None
    assert names(world) == [] and names(world, retired=True) == ["Client"]
    with pytest.raises(Refused):
        mesh.retire_term("client")
    assert mesh.define_term("Client").retired_at is None


@pytest.mark.parametrize("name", ["", "  ", "a\nb\x00", "x" * 121])
def test_a_name_is_printable_and_short(world: World, name: str) -> None:
    with pytest.raises(BadInput):
        world.platform.define_term(name, "…")


def test_a_new_term_has_a_definition_and_a_domain_that_there_is(world: World) -> None:
    with pytest.raises(BadInput, match="definition"):
        world.platform.define_term("Customer")
    with pytest.raises(NotFound, match="no domain"):
        world.platform.define_term("Customer", "…", domain="nowhere")
    for wrong in ({"limit": 0}, {"limit": 1001}, {"offset": -1}):
        with pytest.raises(BadInput):
            world.platform.terms(**wrong)  # type: ignore[arg-type]


def act_as(world: World, role: Role, domain: str | None = None) -> None:
    world.act_as(Principal("pat", verified=True, roles=frozenset([RoleGrant(role, domain)])))


def test_governors_define_terms_and_a_domain_owner_those_of_its_domain(world: World) -> None:
    for domain in ("sales", "finance"):
        world.platform.define_domain(domain, owner=f"{domain}-team")
    act_as(world, Role.GOVERNOR)
    world.platform.define_term("Customer", "Who orders")
    world.platform.define_term("Ledger", "…", domain="finance")
    act_as(world, Role.DOMAIN_OWNER, "sales")
    world.platform.define_term("Basket", "What is ordered", domain="sales")
    for name, domain in (("Customer", None), ("Ledger", None), ("Ledger", "sales"), ("Free", None), ("New", "finance")):
        with pytest.raises(AccessDenied):
            world.platform.define_term(name, "mine", domain=domain)
    with pytest.raises(AccessDenied):
        world.platform.retire_term("Customer")
    with pytest.raises(AccessDenied):
        world.platform.define_term("Basket", domain="")
    act_as(world, Role.OWNER)
    with pytest.raises(AccessDenied):
        world.platform.define_term("Basket", "mine", domain="sales")


def test_links_to_a_hidden_product_are_not_shown(world: World) -> None:
    hidden = "access: {visibility: restricted, discoverable: false}"
    world.product("salaries", LINKED, more=hidden).register()
    world.product("orders", LINKED).register()
    world.platform.define_term("customer number", "…")
    assert world.platform.term("customer number").term.columns == 2
    act_as(world, Role.CONSUMER)
    detail = world.platform.term("customer number")
    assert (detail.term.columns, [link.product for link in detail.links]) == (1, ["orders"])
    assert world.platform.terms().terms[0].columns == 1


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_a_key_is_one_and_a_letter_is_a_letter(name: str) -> None:
    assert make_key(make_key(name)) == make_key(name)
    letter = find_letter(name)
    assert letter == terms.OTHER or (len(letter) == 1 and letter.isalpha())
