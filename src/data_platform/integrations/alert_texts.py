"""The title and the text of a message about incidents, for people. They hold no values of the data.

Services read marks in a text, each its own: mentions of everybody, links that name another place than they lead to.
What people wrote, such as names of rules, is written without the characters of all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

_LISTED = 20
_MENTIONS = re.compile(r"(?<!\w)@|@(?!\w)|@(?=(?:all|channel|everyone|here)\b)", re.IGNORECASE)
"""Every @ that is in no address of e-mail."""
_UNMARKED = frozenset(" _.,:;'+-@")


def write_title(content: Mapping[str, Any]) -> str:
    """One line: the product, and what happened."""
    details = content["details"]
    if details.get("test"):
        return f"[data-platform] test of channel {details['channel']}"
    changes = details["changes"]
    first = changes[0]
    if len(changes) > 1:
        return f"[data-platform] {content['product']}: {len(changes)} changes of incidents"
    if first["upstream"]:
        return f"[data-platform] {content['product']}: upstream {_describe_upstream(first)}"
    return f"[data-platform] {content['product']}: {_describe_own(first)}"


def write_body(content: Mapping[str, Any]) -> str:
    """A line for each change, who is on call, where to look, and the id that tells a repeated message."""
    return "\n".join(_list_lines(content))


def _list_lines(content: Mapping[str, Any]) -> Iterator[str]:
    details = content["details"]
    if details.get("test"):
        yield f"This is a test of the channel {details['channel']}. Messages about incidents arrive here."
    changes = details.get("changes", ())
    for change in changes[:_LISTED]:
        yield _describe_loss(content, change) if change["upstream"] else _describe_own(change)
        if change["incident"] is not None:
            yield f"  data-platform incidents show {change['incident']}"
    if len(changes) > _LISTED:
        yield f"and {len(changes) - _LISTED} more"
    if details.get("on_call"):
        yield f"on call: {_write_plain(details['on_call'])}"
    if details.get("url"):
        yield str(details["url"])
    yield f"message {content['id']}"


def _write_plain(text: str) -> str:
    """The text with a space in place of what is neither part of a word nor plain punctuation."""
    return "".join(char if char in _UNMARKED or _is_of_word(char) else " " for char in _MENTIONS.sub(" ", text))


def _is_of_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _describe_own(change: Mapping[str, Any]) -> str:
    return f"{change['event']}: {_write_plain(change['cause'])} on {change['place']} ({change['severity']})"


def _describe_upstream(change: Mapping[str, Any]) -> str:
    state = "restored" if change["event"] == "resolved" else "broken"
    return f"{change['place'] or 'product'} {state}"


def _describe_loss(content: Mapping[str, Any], change: Mapping[str, Any]) -> str:
    what = f": {_write_plain(change['cause'])}" if change["cause"] else ""
    line = f"upstream {_describe_upstream(change)}{what} ({change['severity']})"
    outputs = ", ".join(change["outputs"])
    return f"{line}; {outputs} {'can be right again' if change['event'] == 'resolved' else 'may be old or wrong'}"
