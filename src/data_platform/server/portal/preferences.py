"""What a visitor chose for this browser: language and theme. Cookies keep it, and they name nobody."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from data_platform.server.portal.catalogue import LANGUAGES, choose_language

THEMES = ("auto", "light", "dark")
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """The language and the theme of pages."""

    language: str = "en"
    theme: str = "auto"

    @classmethod
    def read(cls, http: HTTPConnection) -> Preferences:
        """The preferences of the browser that asks."""
        chosen, theme = (http.cookies.get(f"data-platform-{name}") for name in ("language", "theme"))
        return cls.of_choice(choose_language(chosen, http.headers.get("accept-language", "")), theme)

    @classmethod
    def of_choice(cls, language: str | None, theme: str | None) -> Preferences:
        """The preferences of a choice; what the portal does not have is replaced by its default."""
        chosen = language if language in LANGUAGES else "en"
        return cls(chosen, theme if theme in THEMES else "auto")

    def save(self, response: Response) -> None:
        """Lets the browser keep them for a year."""
        for name, value in (("language", self.language), ("theme", self.theme)):
            response.set_cookie(f"data-platform-{name}", value, _YEAR, path="/", httponly=True, samesite="lax")
