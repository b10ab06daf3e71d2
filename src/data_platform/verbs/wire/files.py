"""The forms of files that people write: their text travels and is judged again where it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from data_platform.spec.policies.loading import PolicyFile, parse_policies
from data_platform.spec.product.loading import ProductFile, parse_product
from data_platform.verbs.wire.collections import ByText
from data_platform.verbs.wire.form import OBJECT, Form, FormMismatch, Json
from data_platform.verbs.wire.scalars import SCALARS
from data_platform.verbs.wire.structures import Structure, StructureMember


@dataclass(frozen=True, slots=True)
class ProductText:
    """A product.yaml as it was written, and the schema files that it names, by the name that it gives them."""

    path: str
    text: str
    schemas: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policies file as it was written."""

    origin: str
    text: str


class FileText(Form):
    """A file that was parsed, written as its text; reading parses and judges the text as if it were a file's."""

    kinds = frozenset({OBJECT})

    def __init__(self, kind: type, texts: Form, write: Callable[[Any], Any], parse: Callable[[Any], Any]) -> None:
        self.name = kind.__name__
        self._kind, self.texts, self._write, self._parse = kind, texts, write, parse

    def matches(self, value: object) -> bool:
        """A file of that kind."""
        return isinstance(value, self._kind)

    def encode(self, value: Any) -> Json:
        """The file's text; raises Mismatch for one that was never text."""
        if not self.matches(value):
            raise self.refuse(value)
        if not value.text:
            raise FormMismatch("was not read from a file, and has no text")
        return self.texts.encode(self._write(value))

    def decode(self, value: Json) -> Any:
        """The file; raises InvalidSpec with every problem of its text."""
        return self._parse(self.texts.decode(value))


def _write_product(file: ProductFile) -> ProductText:
    return ProductText(str(file.path), file.text, file.schema_texts)


def _parse_product(texts: ProductText) -> ProductFile:
    return parse_product(Path(texts.path), texts.text, texts.schemas)


def _write_policies(file: PolicyFile) -> PolicyText:
    return PolicyText(file.origin, file.text)


def _parse_policies(texts: PolicyText) -> PolicyFile:
    return parse_policies(texts.text, texts.origin)


def _texts_form(kind: type, **forms: Form) -> Form:
    return Structure(
        kind, lambda: {name: StructureMember(form, True, attrgetter(name)) for name, form in forms.items()}
    )


_TEXT = SCALARS[str]
FILES: dict[Any, Form] = {
    ProductFile: FileText(
        ProductFile,
        _texts_form(ProductText, path=_TEXT, text=_TEXT, schemas=ByText(_TEXT)),
        _write_product,
        _parse_product,
    ),
    PolicyFile: FileText(
        PolicyFile, _texts_form(PolicyText, origin=_TEXT, text=_TEXT), _write_policies, _parse_policies
    ),
}
"""The forms of parsed files."""
