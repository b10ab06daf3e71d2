"""Values of settings.toml that name secrets without holding them.

`${NAME}` stands for the environment variable NAME. A `Template` keeps the text as it was written, so no `repr`, log or
error can show a secret; the value is looked up when it is used, and forgotten again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from data_platform.errors import BadInput

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FILE = "sqlite:///"
_FORM = "scheme://user:${DATABASE_PASSWORD}@host:port/name"
_SECRET = re.compile(r"pass|pwd|secret|token|api_?key", re.IGNORECASE)
_NO_SECRETS = ("passfile",)
"""Parameters of a URI that name a file."""


@dataclass(frozen=True, slots=True)
class Template:
    """Text in which `${NAME}` stands for an environment variable; `owner` says what needs it, as in "source 'shop'"."""

    text: str = field(repr=False)
    owner: str

    @property
    def shown(self) -> str:
        """The text where it is a URI without a password, or the variables that it names: what people may see of it."""
        if REFERENCE.fullmatch(self.text) or uri_problem(self.text) is None:
            return self.text
        return " and ".join(f"${{{name}}}" for name in self.names) or "its value"

    @property
    def names(self) -> tuple[str, ...]:
        """The environment variables it names, in order."""
        return tuple(REFERENCE.findall(self.text))

    def resolve(self) -> str:
        """The text with every variable's value, as it is. Raises BadInput naming the variable that is not set."""
        values = self._values()
        return REFERENCE.sub(lambda match: values[match[1]], self.text)

    def resolve_uri(self) -> str:
        """The text as a URI: values are percent-encoded, except when one variable is the whole URI.

        Raises BadInput, without any value, when a variable is not set or the whole is not `scheme://host…`.
        """
        values = self._values()
        whole = REFERENCE.fullmatch(self.text)
        uri = values[whole[1]] if whole else REFERENCE.sub(lambda match: quote(values[match[1]], safe=":"), self.text)
        if not (_is_uri(uri) or (uri.startswith(_FILE) and uri.isprintable())):
            raise BadInput(
                f"{self.owner}: {self.shown} is no URI once its variables are filled in",
                hint=f"write {_FORM}; in a variable that is a whole URI, percent-encode what is special",
            )
        return uri

    def scrub(self, message: str) -> str:
        """`message` (an outside system's error) with every secret that may stand in it replaced by its variable."""
        for name in self.names:
            for shown in sorted(_traces(os.environ.get(name, "")), key=len, reverse=True):
                message = message.replace(shown, f"${{{name}}}")
        return message

    def _values(self) -> Mapping[str, str]:
        for name in self.names:
            if name not in os.environ:
                raise BadInput(
                    f"{self.owner} needs the environment variable {name}, which is not set",
                    hint=f"export {name}=… and call again",
                )
        return {name: os.environ[name] for name in self.names}


def malformed_reference(text: str) -> str | None:
    """What is wrong with a `$` in the text, or None."""
    return "write a variable as ${NAME}" if "${" in REFERENCE.sub("", text) else None


def uri_problem(uri: str) -> str | None:
    """What is wrong with the URI (of a template): its form, or a password that is written out; None when it is right.

    The answer repeats nothing of a malformed URI, of which any part may be the password.
    """
    if REFERENCE.fullmatch(uri) or uri.startswith(_FILE):
        return None
    filled = REFERENCE.sub("1", uri)
    if not _is_uri(filled):
        return f"this is no URI of the form {_FORM}; percent-encode what is special, such as %2F for / and %23 for #"
    parts = urlsplit(uri)
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    secrets = [password, *(value for key, value in parse_qsl(parts.query) if is_secret(key))]
    if all(REFERENCE.sub("", secret) == "" for secret in secrets):
        return None
    shown = f"{parts.scheme}://{user}:${{DATABASE_PASSWORD}}@…" if user else "password=${DATABASE_PASSWORD}"
    return f"a password is written out here; put it into an environment variable, and its name here: {shown}"


def is_secret(parameter: str) -> bool:
    """Whether a URI's parameter of that name may hold a password."""
    return _SECRET.search(parameter) is not None and parameter.lower() not in _NO_SECRETS


def _is_uri(uri: str) -> bool:
    """Whether it is `scheme://[user[:password]@]host…`, in which no part can be taken for another."""
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    return (
        bool(parts.scheme)
        and uri.startswith(f"{parts.scheme}://")
        and parts.netloc.count("@") <= 1
        and "@" not in parts.path + parts.query
        and not parts.fragment
        and re.search(r"%(?![0-9A-Fa-f]{2})|[\s\\#]", uri) is None
        and uri.isprintable()
    )


def _traces(value: str) -> set[str]:
    """The shapes in which a value, or a password inside a URI, could come back in an error."""
    secrets = {value}
    with suppress(ValueError):
        parts = urlsplit(value)
        secrets |= {parts.password or "", unquote(parts.password or "")}
        secrets |= {text for key, text in parse_qsl(parts.query) if is_secret(key)}
    return {shape for text in secrets for shape in (text, quote(text, safe=":"), quote(text, safe="")) if shape}
