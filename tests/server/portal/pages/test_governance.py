"""Governance: the matrix, waivers as they are requested and decided with plain forms, what-if, and the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.server.portal.conftest import Portal, read_form_token, serve_portal

POLICIES = """policies:
- name: data-retention
  enforcement: blocking
  rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
- name: reviewed-by-legal
  enforcement: warning
"""
MILD = POLICIES.replace("blocking", "warning")
END = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of a mesh with policies, which `orders` violates."""
    folder = tmp_path_factory.mktemp("governed")
    with serve_portal(folder) as portal:
        (folder / "policies.yaml").write_text(POLICIES)
        portal.platform.apply_policies(folder / "policies.yaml")
        yield portal


def send(browser: httpx.Client, path: str, view: str = "waivers", **fields: str) -> httpx.Response:
    token = read_form_token(browser.get(f"/governance?view={view}").text)
    return browser.post(path, data={"csrf_token": token, **fields})


def test_the_matrix_links_to_what_violates(governed: Portal) -> None:
    page = governed.open("/governance").text
    assert "1 violated" in page and "data-retention" in page
    link = "/governance?view=violations&amp;policy=data-retention&amp;domain=sales"
    assert f'href="{link}"' in page
    rows = governed.open(link.replace("&amp;", "&")).text
    assert "retention_days" in rows and "reviewed-by-legal" not in rows
    assert "people" not in page and "salaries" not in rows


def test_a_waiver_is_requested_by_one_and_decided_by_another(governed: Portal) -> None:
    asked = {"product": "orders", "policy": "data-retention", "reason": "the archive moves", "until": END}
    with governed.sign_in("olga") as owner:
        answer = send(owner, "/governance/waivers", **asked, subject="")
        assert answer.headers["location"] == "/governance?view=waivers&done=waiver_requested"
        waiver = governed.platform.waivers("orders")[0]
        assert send(owner, f"/governance/waivers/{waiver.id}/approve").status_code == 403
    with governed.sign_in("gov") as governor:
        page = governor.get("/governance?view=waivers").text
        assert "the archive moves" in page and f"/governance/waivers/{waiver.id}/approve" in page
        assert send(governor, f"/governance/waivers/{waiver.id}/approve").status_code == 303
        assert "1 waived" in governor.get("/governance").text
        assert send(governor, f"/governance/waivers/{waiver.id}/end").status_code == 400
        assert governed.platform.waivers("orders")[0].state == "holds"
        assert send(governor, f"/governance/waivers/{waiver.id}/end", sure="yes").status_code == 303
    assert governed.platform.waivers("orders")[0].state == "ended"


def test_only_who_may_decide_sees_the_buttons(governed: Portal) -> None:
    governed.platform.waive_policy("orders", "data-retention", "once more", "30 days")
    assert "/approve" not in governed.open("/governance?view=waivers", "ann").text
    assert "/approve" in governed.open("/governance?view=waivers", "gov").text
    closed = governed.open("/governance?view=waivers&product=orders", "ann").text
    assert "may do this" in closed and 'action="/governance/waivers"' not in closed


def test_an_attestation_is_given_and_withdrawn(governed: Portal) -> None:
    fields = {"product": "orders", "policy": "reviewed-by-legal", "evidence": "ticket LEGAL-7", "until": END}
    with governed.sign_in("gov") as governor:
        assert send(governor, "/governance/attestations", "attestations", **fields).status_code == 303
        (given,) = governed.platform.attestations("orders")
        assert "ticket LEGAL-7" in governor.get("/governance?view=attestations").text
        path = f"/governance/attestations/{given.id}/withdraw"
        assert send(governor, path, "attestations", sure="yes").status_code == 303
    assert governed.platform.attestations("orders")[0].state == "withdrawn"


def test_a_policies_file_is_shown_with_what_it_would_change_and_not_applied(governed: Portal) -> None:
    before = governed.platform.policies().revision
    with governed.sign_in("ann") as browser:
        page = send(browser, "/governance?view=whatif", "whatif", text=MILD)
        assert page.status_code == 200 and "1 refused no more" in page.text and "weaker" in page.text
        assert "salaries" not in page.text
        wrong = send(browser, "/governance?view=whatif", "whatif", text="policies:\n- nam: <b>\n")
        assert wrong.status_code == 400 and "policies.yaml:2" in wrong.text and "&lt;b&gt;" in wrong.text
    assert governed.platform.policies().revision == before


def test_the_audit_log_is_for_governors_and_is_verified_when_asked(governed: Portal) -> None:
    assert "view=audit" not in governed.open("/governance", "ann").text
    assert "opened" not in governed.open("/governance?view=audit", "ann").text
    page = governed.open("/governance?view=audit&act=policy", "gov").text
    assert "mesh:policies" in page and "Verified up to" not in page
    assert "Verified up to entry" in governed.open("/governance?view=audit&verify=yes", "gov").text
    assert governed.open("/governance?view=audit&act=sneeze", "gov").status_code == 400


def test_the_audit_log_has_older_entries_behind_a_link(governed: Portal) -> None:
    second = governed.open("/governance?view=audit&before=3", "gov").text
    assert '<th scope="row" class="num">2</th>' in second and '<th scope="row" class="num">3</th>' not in second


def test_readiness_counts_the_anti_patterns_by_domain(governed: Portal) -> None:
    page = governed.open("/governance?view=readiness").text
    assert "Outside of governance" in page and "Production checklist" in page and "people" not in page
