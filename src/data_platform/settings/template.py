"""Values of settings.toml that reference secrets without containing them.

`${NAME}` references the environment variable NAME. A `Template` keeps the text as it was written, so no `repr`, log
or error can show a secret; the value is read when it is used, and is not stored.
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
"""Parameters of a URI that match `_SECRET` but contain a file name."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text in which `${NAME}` references an environment variable; `owner` needs it, such as "source 'shop'"."""

    text: str = field(repr=False)
    owner: str

    @property
    def display(self) -> str:
        """The part that may be shown: a URI without a password, else the variables that the text references."""
        if REFERENCE.fullmatch(self.text) or find_uri_problem(self.text) is None:
            return self.text
        return " and ".join(f"${{{name}}}" for name in self.names) or "its value"

    @property
    def names(self) -> tuple[str, ...]:
        """The referenced environment variables, in order."""
        return tuple(REFERENCE.findall(self.text))

    def resolve(self) -> str:
        """Returns the text with the values of all variables. Raises BadInput if a variable is not set."""
        values = self._read_values()
        return REFERENCE.sub(lambda match: values[match[1]], self.text)

    def resolve_uri(self) -> str:
        """Returns the text as a URI: values are percent-encoded, unless one variable is the whole URI.

        Raises BadInput, without any value, if a variable is not set or the result is not `scheme://host…`.
        """
        values = self._read_values()
        whole = REFERENCE.fullmatch(self.text)
        uri = values[whole[1]] if whole else REFERENCE.sub(lambda match: quote(values[match[1]], safe=":"), self.text)
        if not (_is_uri(uri) or (uri.startswith(_FILE) and uri.isprintable())):
            raise BadInput(
                f"{self.owner}: {self.display} is not a URI after its variables are replaced",
                hint=f"write {_FORM}; in a variable that is the whole URI, percent-encode special characters",
            )
        return uri

    def redact(self, message: str) -> str:
        """Returns the message of an external system with every secret in it replaced by its variable."""
        for name in self.names:
            for trace in sorted(_list_traces(os.environ.get(name, "")), key=len, reverse=True):
                message = message.replace(trace, f"${{{name}}}")
        return message

    def _read_values(self) -> Mapping[str, str]:
        for name in self.names:
            if name not in os.environ:
                raise BadInput(
                    f"{self.owner} needs the environment variable {name}, which is not set",
                    hint=f"export {name}=… and retry",
                )
        return {name: os.environ[name] for name in self.names}


def find_malformed_reference(text: str) -> str | None:
    """Returns the problem of a `$` in the text, or None."""
    return "write a variable as ${NAME}" if "${" in REFERENCE.sub("", text) else None


def find_uri_problem(uri: str) -> str | None:
    """Returns the problem of a URI (of a template): its form, or a password in clear text; None if it is valid.

    The answer repeats no part of a malformed URI, because any part may be the password.
    """
    if REFERENCE.fullmatch(uri) or uri.startswith(_FILE):
        return None
    filled = REFERENCE.sub("1", uri)
    if not _is_uri(filled):
        return (
            f"this is not a URI of the form {_FORM}; percent-encode special characters, such as %2F for / and %23 for #"
        )
    parts = urlsplit(uri)
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    secrets = [password, *(value for key, value in parse_qsl(parts.query) if is_secret(key))]
    if all(REFERENCE.sub("", secret) == "" for secret in secrets):
        return None
    example = f"{parts.scheme}://{user}:${{DATABASE_PASSWORD}}@…" if user else "password=${DATABASE_PASSWORD}"
    return f"this contains a password; write it to an environment variable, and reference the variable here: {example}"


def is_secret(parameter: str) -> bool:
    """Whether a URI parameter of that name may contain a password."""
    return _SECRET.search(parameter) is not None and parameter.lower() not in _NO_SECRETS


def _is_uri(uri: str) -> bool:
    """Whether it is an unambiguous URI `scheme://[user[:password]@]host…`."""
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


def _list_traces(value: str) -> set[str]:
    """Returns the forms in which a value, or a password inside a URI, may appear in an error message."""
    secrets = {value}
    with suppress(ValueError):
        parts = urlsplit(value)
        secrets |= {parts.password or "", unquote(parts.password or "")}
        secrets |= {text for key, text in parse_qsl(parts.query) if is_secret(key)}
    return {shape for text in secrets for shape in (text, quote(text, safe=":"), quote(text, safe="")) if shape}
