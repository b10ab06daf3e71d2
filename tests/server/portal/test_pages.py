"""Pages: what they show to whom, and that they stay small and safe."""

from __future__ import annotations

import re

import httpx
import pytest

from data_platform.server.portal.catalogue import load_catalogue
from tests.server.portal.conftest import Portal, read_form_token

PAGES = [
    "/",
    "/search",
    "/search?q=ord",
    "/products/orders",
    *(f"/products/orders?view={view}" for view in ("quality", "contract", "consumers", "checklist", "runs", "unknown")),
    "/products/orders/orders_fact",
    *(f"/products/orders/orders_fact?view={view}" for view in ("sample", "read", "versions")),
    "/lineage/orders",
    "/lineage/orders?view=table&direction=upstream",
    *(f"/lineage/orders?output=orders_fact&column=id&view={view}" for view in ("graph", "table", "impact")),
    "/domains",
    "/domains/sales",
    "/incidents",
    "/incidents?state=all&severity=low",
    *(f"/access?view={view}" for view in ("mine", "decide", "request", "review", "tokens")),
    "/glossary",
    "/governance",
    *(f"/governance?view={view}" for view in ("violations", "waivers", "attestations", "readiness", "whatif", "audit")),
    "/runs",
    *(f"/runs?view={view}" for view in ("storage", "outbox", "tables")),
    "/design",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_small_and_runs_nothing_of_others(portal: Portal, path: str) -> None:
    page = portal.open(path)
    assert page.status_code == 200
    assert page.text.startswith("<!doctype html>")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert len(re.findall(r"<h1", page.text)) == (2 if path == "/design" else 1)
    assert not re.search(r"<script(?! src=\"/static/)|\son\w+=|\sstyle=|https?://(?!www\.w3\.org)", page.text)
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    loaded = [httpx.get(portal.url + file) for file in files]
    assert all("immutable" in file.headers["cache-control"] for file in loaded)
    assert len(page.content) + sum(file.num_bytes_downloaded for file in loaded) <= 60_000


def test_browsers_say_where_a_form_came_from(portal: Portal) -> None:
    # With `no-referrer`, they send `Origin: null`, and every form is refused.
    assert portal.open("/").headers["referrer-policy"] == "same-origin"


def test_our_script_is_small(portal: Portal) -> None:
    (script,) = re.findall(r'src="(/static/[^"]+)"', portal.open("/").text)
    assert len(httpx.get(portal.url + script).content) < 4096


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, br", "gzip"), ("br;q=1, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("", None)]
)
def test_the_style_sheet_is_sent_compressed_to_who_takes_it(portal: Portal, accepted: str, coding: str | None) -> None:
    (sheet,) = re.findall(r'rel="stylesheet" href="(/static/[^"]+)"', portal.open("/").text)
    sent = httpx.get(portal.url + sheet, headers={"accept-encoding": accepted})
    assert sent.headers.get("content-encoding") == coding
    assert sent.headers["vary"] == "Accept-Encoding" and ":root {" in sent.text
    assert portal.open("/", accept_encoding="gzip").headers.get("content-encoding") is None, "a page holds secrets"


@pytest.mark.parametrize("path", ["/", "/products/orders?view=quality", "/search?q=a&domain=b"])
def test_a_stranger_is_sent_to_sign_in_and_back(portal: Portal, path: str) -> None:
    page = portal.open(path, "")
    assert page.status_code == 303
    assert httpx.URL(page.headers["location"]).params["next"] == path
    assert page.content == b""


def test_a_sample_is_masked_for_who_may_not_see_personal_data_and_is_text_not_html(portal: Portal) -> None:
    page = portal.open("/products/orders/orders_fact?view=sample").text
    assert "ann@example.org" not in page
    assert "***" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "ann@example.org" in portal.open("/products/orders/orders_fact?view=sample", "olga").text


def test_numbers_of_a_sample_are_aligned_as_numbers(portal: Portal) -> None:
    page = portal.open("/products/orders/orders_fact?view=sample").text
    assert re.findall(r"<t[hd][^>]*class=\"num\">([^<]*)", page) == ["id", "1", "2"]


def test_the_page_says_which_columns_are_masked_for_the_visitor(portal: Portal) -> None:
    assert "1 of 3 columns is masked" in portal.open("/products/orders/orders_fact").text
    assert "You see all columns" in portal.open("/products/orders/orders_fact", "olga").text


@pytest.mark.parametrize("path", ["/products/{}", "/products/{}?view=quality", "/products/{}/paid", "/lineage/{}"])
def test_a_hidden_product_is_as_one_that_there_is_not(portal: Portal, path: str) -> None:
    hidden, unknown = (portal.open(path.format(name)) for name in ("salaries", "salariex"))
    assert hidden.status_code == unknown.status_code == 404
    without = [re.sub(r"salarie[sx]|[0-9:]{5} UTC", "NAME", page.text) for page in (hidden, unknown)]
    assert without[0] == without[1]
    assert "salaries" not in portal.open("/search").text + portal.open("/suggest?q=sal").text + portal.open("/").text


def test_a_search_shows_where_the_words_were_found(portal: Portal) -> None:
    assert "<mark>shop</mark>" in portal.open("/search?q=shop").text
    assert "<mark>orders</mark>" in portal.open("/search?q=orders").text
    assert "No product matches" in portal.open("/search?q=unicorn").text


def test_suggestions_are_links_to_products(portal: Portal) -> None:
    assert 'href="/products/orders"' in portal.open("/suggest?q=or").text
    assert portal.open("/suggest?q=").text.strip() == ""


@pytest.mark.parametrize(
    "path",
    [
        "/search?page=0",
        "/search?page=x",
        "/search?quality=high",
        "/products/orders/none",
        "/incidents/x",
        "/incidents/999999",
        "/incidents?severity=odd",
        "/access/requests/9999",
        "/lineage/orders?depth=x",
        "/lineage/orders?depth=51",
        "/lineage/orders?direction=sideways",
        "/lineage/orders?column=id",
    ],
)
def test_a_wrong_address_is_a_page_that_says_what_to_do(portal: Portal, path: str) -> None:
    page = portal.open(path)
    assert page.status_code in (400, 404)
    assert 'href="/search"' in page.text


def test_an_unknown_path_is_a_page_for_browsers_and_a_problem_for_programs(portal: Portal) -> None:
    assert "There is no such page" in portal.open("/nothing/here").text
    program = httpx.get(portal.url + "/nothing/here")
    assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")


def test_a_form_needs_the_proof_of_its_page(portal: Portal) -> None:
    with portal.sign_in("ann") as browser:
        page = browser.get("/products/orders").text
        for wrong in ("", "guessed"):
            assert browser.post("/products/orders/follow", data={"csrf_token": wrong}).status_code == 403
        proof = {"csrf_token": read_form_token(page)}
        other = browser.post("/products/orders/follow", data=proof, headers={"origin": "https://evil.example"})
        assert other.status_code == 403
        assert "Stop following" not in browser.get("/products/orders").text
        followed = browser.post("/products/orders/follow", data=proof)
        assert (followed.status_code, followed.headers["location"]) == (303, "/products/orders?done=followed")
        assert "Stop following" in browser.get("/products/orders").text
        assert browser.post("/products/orders/unfollow", data=proof).status_code == 303
        assert "Stop following" not in browser.get("/products/orders").text


def test_a_form_whose_session_is_over_or_replaced_is_answered_for_a_person(portal: Portal) -> None:
    with httpx.Client(base_url=portal.url, headers={"origin": portal.url}) as stranger:
        ended = stranger.post("/products/orders/follow", data={"csrf_token": "x"}, headers={"accept": "text/html"})
        assert (ended.status_code, ended.headers["location"]) == (303, "/signin")
        assert stranger.post("/products/orders/follow", data={"csrf_token": "x"}).status_code == 401
    with portal.sign_in("ann") as browser:
        replaced = browser.post("/products/orders/follow", data={"csrf_token": "of another session"})
        assert replaced.status_code == 403
        assert "load the page again" in replaced.text
        assert "X-CSRF-Token" not in replaced.text, "a person sends no headers by hand"


def test_a_form_of_too_many_fields_is_refused(portal: Portal) -> None:
    with portal.sign_in("ann") as browser:
        sent = {"content-type": "application/x-www-form-urlencoded"}
        assert browser.post("/access/requests", content="a=1&" * 1001, headers=sent).status_code == 400
        assert browser.post("/preferences", content="a=1&" * 1001, headers=sent).status_code == 400


def test_a_text_turns_no_other_around(portal: Portal) -> None:
    page = portal.open("/search?q=%E2%80%AEgpj.sredro%E2%81%A6%1B%5B31m").text
    assert not {"\u202e", "\u2066", "\x1b"} & set(page)
    assert 'value="\ufffdgpj.sredro\ufffd\ufffd[31m"' in page
    assert "ก็\u200bไทย" in portal.open("/search?q=%E0%B8%81%E0%B9%87%E2%80%8B%E0%B9%84%E0%B8%97%E0%B8%A2").text


def test_a_query_that_each_link_would_repeat_is_bounded(portal: Portal) -> None:
    assert portal.open(f"/search?q=orders&pad={'x' * 8000}").status_code == 200
    assert portal.open(f"/search?q=orders&pad={'x' * 9000}").status_code == 414


def test_only_a_text_of_ours_says_what_was_done_and_it_says_so_once(portal: Portal) -> None:
    assert "You follow this product" in portal.open("/products/orders?done=followed").text
    assert "done=followed" not in portal.open("/products/orders?done=followed").text
    for words in ("Call+0800+to+keep+your+account", "", "x" * 5000, "followed%20"):
        assert 'role="status"' not in portal.open(f"/products/orders?done={words}").text


def test_the_theme_and_the_language_are_kept_by_the_browser(portal: Portal) -> None:
    with httpx.Client(base_url=portal.url) as browser:
        assert 'lang="th"' in browser.get("/signin", headers={"accept-language": "th-TH,th;q=0.9"}).text
        answer = browser.post("/preferences", data={"theme": "dark", "language": "en", "next": "/signin"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
        assert 'data-theme="dark"' in browser.get("/signin").text
        for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
            assert browser.post("/preferences", data={"next": elsewhere}).headers["location"] == "/"
        browser.post("/preferences", data={"theme": "auto", "language": "th", "next": "/signin"})
        chosen = browser.get("/signin", headers={"accept-language": "en"})
        assert chosen.headers["content-language"] == "th" and "<h1>เข้าสู่ระบบ</h1>" in chosen.text


@pytest.mark.long
def test_each_page_is_drawn_in_thai(portal: Portal) -> None:
    for path in PAGES:
        page = portal.open(path, accept_language="th")
        assert page.status_code == 200 and '<html lang="th"' in page.text, path
        assert f">{load_catalogue('th')('nav.glossary')}</a>" in page.text, path
