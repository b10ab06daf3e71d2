"""Pages of listed answers: `?limit=&cursor=`, the same for every list.

A cursor names the last item of the page before by the fields that identify it, and the list it is of. The next page
begins behind that item wherever it is by then, or where it would be if it is gone: what is added or removed in between
neither repeats an item nor skips one. A cursor gives no right, and each page is authorised, so it needs no signature.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Any, Self, cast, get_args

from data_platform.errors import BadInput
from data_platform.verbs.registry import load_request
from data_platform.verbs.registry.page_orders import PAGE_ORDERS
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.form import Form, FormMismatch
from data_platform.verbs.wire.generate import form_of
from data_platform.verbs.wire.messages import answer_type, read_json, write_json
from data_platform.verbs.wire.paging import LARGEST_PAGE, PAGE, write_next_link
from data_platform.verbs.wire.structures import Structure

Query = Sequence[tuple[str, str]]
_PARAMETERS = frozenset(["limit", "cursor"])


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a verb's list; `fields` are the parameters of the request itself, `after` is the last item's key."""

    verb: Verb
    fields: tuple[tuple[str, str], ...]
    size: int = PAGE
    after: tuple[Any, ...] | None = None

    @classmethod
    def open(cls, verb: Verb, query: Query) -> Self | None:
        """The page that a request asks for; None for a verb whose answer has no pages. Raises BadInput."""
        names = [name for name, _ in query]
        if verb.request not in PAGE_ORDERS or "after" in names:
            return None
        if twice := next((name for name in _PARAMETERS if names.count(name) > 1), None):
            raise BadInput(f"{twice} is there twice")
        given = dict(query)
        page = cls(verb, tuple(pair for pair in query if pair[0] not in _PARAMETERS))
        if "limit" in given:
            page = replace(page, size=_read_size(given["limit"]))
        return replace(page, after=page._read_cursor(given["cursor"])) if "cursor" in given else page

    def narrow(self, request: Any) -> Any:
        """The request for little more than the page, where the verb can answer that."""
        names = {field.name for field in fields(request)}
        if not {"before", "limit"} <= names:
            return request
        start = dict(zip(("before", "behind"), self.after or (), strict=False))
        return replace(request, limit=self.size + 1, **start)

    def cut(self, items: Sequence[Any]) -> tuple[list[Any], dict[str, str]]:
        """The items of the page, and the header that names the next one."""
        start = self._find_start(items)
        page = list(items[start : start + self.size])
        if not page or start + self.size >= len(items):
            return page, {}
        cursor = self._write_cursor(self._key_of(page[-1]))
        return page, {"Link": write_next_link([*self.fields, ("limit", str(self.size)), ("cursor", cursor)])}

    def _find_start(self, items: Sequence[Any]) -> int:
        if self.after is None:
            return 0
        keys = list(map(self._key_of, items))
        if self.after in keys:
            return keys.index(self.after) + 1
        return next((place for place, key in enumerate(keys) if self._is_behind(key)), len(keys))

    def _is_behind(self, key: tuple[Any, ...]) -> bool:
        """Whether an item of that key is behind the last one of the page before."""
        for name, mine, last in zip(self._order, key, self.after or (), strict=True):
            if mine != last:
                return _rank(mine) < _rank(last) if name.startswith("-") else _rank(mine) > _rank(last)
        return False

    def _key_of(self, item: Any) -> tuple[Any, ...]:
        return tuple(getattr(item, name.removeprefix("-")) for name in self._order)

    @property
    def _order(self) -> tuple[str, ...]:
        return PAGE_ORDERS[self.verb.request]

    def _write_cursor(self, key: tuple[Any, ...]) -> str:
        values = [form.encode(value) for form, value in zip(self._forms(), key, strict=True)]
        return urlsafe_b64encode(write_json([self._digest(), values])).decode().rstrip("=")

    def _read_cursor(self, text: str) -> tuple[Any, ...]:
        try:
            digest, values = read_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            key = tuple(form.decode(value) for form, value in zip(self._forms(), values, strict=True))
        except (ValueError, TypeError, BadInput, FormMismatch):
            raise BadInput("cursor: this is no cursor", hint="take it from the Link of the page before") from None
        if digest != self._digest():
            raise BadInput("cursor: this is the cursor of another list", hint="change nothing but the limit")
        return key

    def _forms(self) -> list[Form]:
        """The JSON forms of the fields of the key."""
        item = get_args(answer_type(load_request(self.verb.request)))[0]
        members = cast("Structure", form_of(item)).members
        return [members[name.removeprefix("-")].form for name in self._order]

    def _digest(self) -> str:
        """What identifies the list: its verb, and the request's own parameters."""
        return sha256(write_json([self.verb.request, *map(list, sorted(self.fields))])).hexdigest()[:16]


def _rank(value: Any) -> tuple[bool, Any]:
    """The value as one that can be compared, None first."""
    return value is not None, value


def _read_size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadInput("limit: must be a whole number")
    return min(int(text), LARGEST_PAGE)
