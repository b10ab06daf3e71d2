"""Pages of lists over HTTP, as server and client agree on them.

A server answers `?limit=` items at most, and names the page that follows in the header `Link` (RFC 8288), relative to
the URL of the request. A client follows that link until there is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

LARGEST_PAGE = 1000
"""The most items of one page."""
PAGE = 100
"""The items of a page where the request names no number."""
_NEXT = re.compile(r'<\?([^>]*)>; rel="next"')


def write_next_link(query: Sequence[tuple[str, str]]) -> str:
    """The header that names the next page, by the parameters of its request."""
    return f'<?{urlencode(query)}>; rel="next"'


def read_next_link(header: str | None) -> tuple[tuple[str, str], ...] | None:
    """The parameters of the next page; None after the last one."""
    match = _NEXT.fullmatch(header or "")
    return None if match is None else tuple(parse_qsl(match[1], keep_blank_values=True))
