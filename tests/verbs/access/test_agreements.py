"""Agreements leave the mesh and come into it; what comes in grants nothing by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import BadInput, InvalidSpec, NotFound, Refused
from data_platform.spec.standards.agreements import read_agreements
from tests.verbs.access.conftest import Cast


def write(cast: Cast, text: str) -> Path:
    file = cast.world.root / "agreements.yaml"
    file.write_text(text)
    return file


def test_an_agreement_says_what_is_granted(cast: Cast) -> None:
    cast.request("bo", until="90 days", columns=["id", "email"])
    cast.request("cy", team="crm")
    cast.become("ana").approve_access(1)
    (granted,) = read_agreements("a.yaml", cast.become("bo").export_agreements(id=1).text)
    assert (granted.id, granted.status, granted.user, granted.provider) == ("1.1", "approved", "bo", "shop")
    assert (granted.columns, granted.opens_personal_data) == (("id", "email"), False)
    both = read_agreements("a.yaml", cast.become("ana").export_agreements(product="orders").text)
    assert [(one.status, one.team or one.user) for one in both] == [("requested", "crm"), ("approved", "bo")]
    assert cast.become("cy").export_agreements().agreements == 1


def test_an_export_shows_nothing_of_others(cast: Cast) -> None:
    cast.request("bo")
    with pytest.raises(NotFound, match="there is no access request 1"):
        cast.become("cy").export_agreements(id=1)
    assert cast.become("cy").export_agreements(product="orders").agreements == 0
    with pytest.raises(BadInput, match="of a request or of a product"):
        cast.become("ana").export_agreements(id=1, product="orders")


def test_an_approved_agreement_is_a_request_like_all(cast: Cast) -> None:
    cast.request("bo", until="90 days", columns=["id"])
    cast.become("ana").approve_access(1)
    file = write(cast, cast.become("bo").export_agreements(id=1).text)
    (made,) = cast.become("bo").import_agreements(file)
    assert (made.id, made.state, made.holder, made.outputs[0].columns) == (2, "pending", "bo", ("id",))
    with pytest.raises(Refused, match="bo or an admin has to import it"):
        cast.become("cy").import_agreements(file)


def test_a_wrong_agreement_imports_none(cast: Cast) -> None:
    cast.request("bo")
    text = cast.become("bo").export_agreements(id=1).text
    with pytest.raises(InvalidSpec, match="apiVersion"):
        cast.become("bo").import_agreements(write(cast, f"{text}---\n{text.replace('v0.9.0', 'v1')}"))
    with pytest.raises(NotFound):
        cast.become("bo").import_agreements(write(cast, f"{text}---\n{text.replace('orders', 'nothing')}"))
    assert len(cast.become("bo").own_access_requests()) == 1
