"""Pages as HTML: Jinja templates in which every value is escaped, and the texts of the visitor's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from data_platform.server.portal.assets import make_asset_path
from data_platform.server.portal.catalogue import LANGUAGES, Catalogue, load_catalogue
from data_platform.server.portal.preferences import THEMES, Preferences
from data_platform.server.portal.visit import make_path

CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
_TURNING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
"""Characters that turn the text around them, or that nobody sees."""
_STEPS = ((60, "seconds", 1), (3600, "minutes", 60), (86400, "hours", 3600), (30 * 86400, "days", 86400))


@cache
def load_environment(language: str) -> Environment:
    """The templates of a language of LANGUAGES, compiled once for the process."""
    texts = load_catalogue(language)
    environment = Environment(
        loader=PackageLoader("data_platform.server.portal"),
        autoescape=True,
        finalize=show_turning,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"number": format_number, "score": format_score, "bytes": format_bytes}
    environment.filters["day"] = lambda at: format_day(at, texts)
    environment.globals |= {"page_path": make_path, "asset": make_asset_path, "languages": LANGUAGES, "themes": THEMES}
    return environment


def show_turning(value: object) -> object:
    """The value of a template with a visible sign in place of what would make text read as something else."""
    return _TURNING.sub("\ufffd", value) if type(value) is str else value


def render(
    template: str, values: Mapping[str, object], preferences: Preferences, now: datetime, status: int = 200
) -> HTMLResponse:
    """The page of a template; `now` is the moment that ages are counted from."""
    texts = load_catalogue(preferences.language)
    common = {"t": texts, "preferences": preferences, "now": now, "age": lambda at: format_age(at, now, texts)}
    html = load_environment(preferences.language).get_template(template).render({"visit": None, **common, **values})
    headers = {
        "Content-Security-Policy": CONTENT_POLICY,
        "Cache-Control": "no-store",
        "Content-Language": preferences.language,
        "Vary": "Cookie, Accept-Language",
    }
    return HTMLResponse(html, status, headers)


def format_number(value: float | None) -> str:
    """A number with its thousands apart by a narrow space."""
    return "–" if value is None else f"{value:,}".replace(",", "\u202f")


def format_score(value: float | None) -> str:
    """A score or percentage with as many digits as say something."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")


def format_bytes(value: int | None) -> str:
    """A size in the largest unit that leaves a digit before the point."""
    if value is None:
        return "–"
    size, units = float(value), ["B", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{size:.0f} {units[0]}" if size >= 10 or units[0] == "B" else f"{size:.1f} {units[0]}"


def format_day(at: datetime | None, texts: Catalogue) -> str:
    """A moment in UTC, to the minute, with its month as a word."""
    if at is None:
        return "–"
    moment = at.astimezone(UTC)
    return f"{texts.write_date(moment)} {moment:%H:%M}"


def format_age(at: datetime | None, now: datetime, texts: Catalogue) -> str:
    """How long ago a moment was, or how far it is ahead, in one unit."""
    if at is None:
        return texts("age.never")
    seconds = (now - at).total_seconds()
    distance = abs(seconds)
    unit, size = next(((unit, size) for limit, unit, size in _STEPS if distance < limit), ("days", 86400))
    count = int(distance // size)
    if unit == "seconds":
        return texts("age.now")
    return texts(f"age.{unit}_{'ago' if seconds >= 0 else 'ahead'}", n=count)
