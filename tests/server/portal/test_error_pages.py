"""What goes wrong before a page is drawn: a page for a person at a path of the portal, a problem for all others."""

from __future__ import annotations

import socket

import httpx
import pytest

from tests.server.portal.conftest import Portal

BROWSER = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
BROKEN = {
    "/products/%zz": 400,
    "/products/%ff": 400,
    "/products/a%00b": 400,
    "/products//orders": 400,
    "/search?q=%zz": 400,
    "/search?q=%00": 400,
    "/search?q=%ff": 400,
    "/search?token=secret": 400,
    f"/search?q={'x' * 70_000}": 431,
}


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path[:24])
def test_a_broken_address_is_a_page_for_a_person_and_a_problem_for_a_program(portal: Portal, path: str) -> None:
    page = ask(portal, path, BROWSER)
    assert page.startswith(f"HTTP/1.1 {BROKEN[path]} ")
    assert "text/html" in page and "This address is not valid" in page and 'href="/search"' in page
    assert "default-src 'none'" in page and "<script>" not in page
    for accept, place in (("*/*", path), (BROWSER, f"/api/v1{path}")):
        problem = ask(portal, place, accept)
        assert problem.startswith(f"HTTP/1.1 {BROKEN[path]} ") or place != path
        assert "application/problem+json" in problem and "<html" not in problem


@pytest.mark.parametrize("path", ["/", "/products/orders", "/signout", "/nothing/here"])
def test_a_method_that_a_page_does_not_have_is_a_page(portal: Portal, path: str) -> None:
    page = ask(portal, path, BROWSER, "DELETE")
    assert page.startswith("HTTP/1.1 405 ") and "text/html" in page and "\r\nallow: " in page.lower()
    assert "application/problem+json" in ask(portal, path, "*/*", "DELETE")


@pytest.mark.parametrize("path", ["/signout", "/products/orders/follow"])
@pytest.mark.parametrize("proof", [{"csrf_token": ""}, {"csrf_token": "of another session"}])
def test_a_form_with_a_stale_proof_says_how_to_send_it_again(portal: Portal, path: str, proof: dict[str, str]) -> None:
    with portal.sign_in("ann") as browser:
        page = browser.post(path, data=proof)
        assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert "You may not do this" in page.text and "load the page again" in page.text
        assert "X-CSRF-Token" not in page.text, "a person sends no headers by hand"
        program = browser.post(path, data=proof, headers={"accept": "application/json"})
        assert (program.status_code, program.headers["content-type"]) == (403, "application/problem+json")
        assert browser.get("/products/orders").status_code == 200, "the session has not ended"


def test_the_page_speaks_the_language_and_has_the_theme_of_the_browser(portal: Portal) -> None:
    headers = {"accept": BROWSER, "accept-language": "th", "cookie": "data-platform-theme=dark"}
    page = httpx.get(f"{portal.url}/products/%zz", headers=headers)
    assert "ที่อยู่นี้ไม่ถูกต้อง" in page.text and 'data-theme="dark"' in page.text


def ask(portal: Portal, target: str, accept: str, method: str = "GET") -> str:
    """The answer to a request whose target is sent as it is."""
    url = httpx.URL(portal.url)
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {url.netloc.decode()}",
        f"Accept: {accept}",
        f"Authorization: Bearer {portal.tokens['ann']}",
        "Connection: close",
    ]
    with socket.create_connection((url.host, url.port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8", "replace")
