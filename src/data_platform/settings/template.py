"""Values of settings.toml that name secrets without holding them.

`${NAME}` stands for the environment variable NAME. A `Template` keeps the text as it was written, so no `repr`, log or
error can show a secret; the value is looked up when it is used, and forgotten again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from data_platform.errors import BadInput

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET_PARAMETERS = ("password", "sslpassword")


@dataclass(frozen=True, slots=True)
class Template:
    """Text in which `${NAME}` stands for an environment variable; `owner` says what needs it, as in "source 'shop'"."""

    text: str
    owner: str

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
        if not _is_uri(uri):
            raise BadInput(
                f"{self.owner}: {self.text} is no URI once its variables are filled in",
                hint="write scheme://user:${PASSWORD}@host:port/name; in a variable that is a whole URI, "
                "percent-encode what is special",
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


def literal_password(uri: str) -> str | None:
    """How to mend a URI (of a template) in which a password is written out, or None."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "this is no URI"
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    secrets = [password, *(value for key, value in parse_qsl(parts.query) if key.lower() in SECRET_PARAMETERS)]
    if all(REFERENCE.sub("", secret) == "" for secret in secrets):
        return None
    shown = f"{parts.scheme}://{user}:${{DATABASE_PASSWORD}}@…" if user else "password=${DATABASE_PASSWORD}"
    return f"a password is written out here; put it into an environment variable, and its name here: {shown}"


def _is_uri(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    return (
        bool(parts.scheme)
        and uri.startswith(f"{parts.scheme}://")
        and parts.netloc.count("@") <= 1
        and re.search(r"%(?![0-9A-Fa-f]{2})", uri) is None
        and uri.isprintable()
    )


def _traces(value: str) -> set[str]:
    """The shapes in which a value, or the password inside a URI, could come back in an error."""
    try:
        password = urlsplit(value).password
    except ValueError:
        password = None
    return {shape for shape in (value, quote(value, safe=":"), quote(value, safe=""), password) if shape}
