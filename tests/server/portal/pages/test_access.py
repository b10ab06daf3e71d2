"""Access: long lists come in pages."""

from __future__ import annotations

import re

import pytest

from data_platform.server.portal.pages import access
from tests.server.portal.conftest import Portal


def test_tokens_come_in_pages(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "PAGE", 3)
    first, second = (portal.open(f"/access?view=tokens&page={page}", "root").text for page in (1, 2))
    listed = [re.findall(r'<th scope="row" class="num">(\d+)', page) for page in (first, second)]
    assert len(listed[0]) == 3 and listed[1] and not set(listed[0]) & set(listed[1])
    assert 'rel="next"' in first and 'rel="prev"' in second
    assert portal.open("/access?view=tokens&page=0", "root").status_code == 400
