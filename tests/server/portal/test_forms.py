"""What people do on pages: access from the request to its end, and incidents from the opening to the end."""

from __future__ import annotations

import re

import pytest

from data_platform import DataProduct
from data_platform.errors import Refused
from tests.server.portal.conftest import Portal, submit

SAMPLE = "/products/orders/orders_fact?view=sample"


def test_access_is_asked_for_decided_by_two_used_and_ended(portal: Portal) -> None:
    with portal.sign_in("ann") as ann, portal.sign_in("olga") as olga, portal.sign_in("gov") as gov:
        assert "ann@example.org" not in ann.get(SAMPLE).text
        form = "/access?view=request&output=orders.orders_fact"
        assert ">orders.orders_fact</textarea>" in ann.get(form).text
        asked = submit(ann, form, "/access/requests", outputs="orders.orders_fact", purpose="Answer a complaint")
        path = asked.url.path
        number = path.rpartition("/")[2]
        assert "Waits for: " in asked.text
        assert f'href="{path}"' in ann.get("/access").text
        assert f'href="{path}"' in olga.get("/access?view=decide").text
        assert "/approve" not in ann.get(path).text
        assert submit(ann, path, f"{path}/approve").status_code == 403

        assert "Your approval is recorded" in submit(olga, path, f"{path}/approve", note="A real complaint").text
        assert "ann@example.org" not in ann.get(SAMPLE).text
        assert "A real complaint" in submit(gov, path, f"{path}/approve").text
        assert "ann@example.org" in ann.get(SAMPLE).text
        assert "You see all columns" in ann.get("/products/orders/orders_fact").text
        assert f">{number}.2</th>" in olga.get("/access?view=review").text

        assert submit(olga, path, f"/access/grants/{number}.2/revoke").status_code == 400
        assert "ann@example.org" in ann.get(SAMPLE).text
        ended = submit(olga, path, f"/access/grants/{number}.2/revoke", sure="yes")
        assert "The access has ended" in ended.text
        assert "ann@example.org" not in ann.get(SAMPLE).text


def test_a_request_is_denied_with_a_reason_or_withdrawn(portal: Portal) -> None:
    with portal.sign_in("ann") as ann, portal.sign_in("olga") as olga:
        fields = {"outputs": "orders.orders_fact", "columns": "id, note"}
        path = submit(ann, "/access?view=request", "/access/requests", purpose="Curiosity", **fields).url.path
        assert submit(olga, path, f"{path}/deny").status_code == 400
        assert "Ask sales" in submit(olga, path, f"{path}/deny", note="Ask sales").text
        path = submit(ann, "/access?view=request", "/access/requests", purpose="Another", **fields).url.path
        assert "The request is withdrawn" in submit(ann, path, f"{path}/withdraw").text


@pytest.mark.parametrize("fields", [{}, {"outputs": "orders.orders_fact"}, {"outputs": "no.thing", "purpose": "x"}])
def test_a_wrong_request_is_refused_with_what_to_do(portal: Portal, fields: dict[str, str]) -> None:
    with portal.sign_in("ann") as ann:
        refused = submit(ann, "/access?view=request", "/access/requests", **fields)
        assert refused.status_code in (400, 404)
        assert "<h1>" in refused.text


def test_an_incident_is_acknowledged_commented_and_resolved_by_who_may(portal: Portal) -> None:
    product = DataProduct(portal.folder / "orders", portal.platform)
    with pytest.raises(Refused):
        product.publish("orders_fact", [{"id": -1, "email": None, "note": None}])
    with portal.sign_in("ann") as ann, portal.sign_in("olga") as olga:
        page = olga.get("/incidents").text
        (number,) = re.findall(r'href="/incidents/(\d+)"', page)[:1]
        path = f"/incidents/{number}"
        assert submit(ann, path, f"{path}/acknowledge").status_code == 403
        assert "You have acknowledged" in submit(olga, path, f"{path}/acknowledge", comment="On it").text
        assert "On it" in submit(olga, path, f"{path}/comment", comment="The <b>source</b> is late").text
        assert "&lt;b&gt;source" in olga.get(path).text
        assert "The incident is resolved" in submit(olga, path, f"{path}/resolve").text
        assert f'href="{path}"' not in olga.get("/incidents").text
        assert f'href="{path}"' in olga.get("/incidents?state=all").text
