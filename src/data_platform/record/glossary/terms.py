"""The terms of the mesh, found by name, first letter and words, without regard to case."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, update

from data_platform.record.db import rows
from data_platform.record.db.glossary_schema import TERMS

OTHER = "#"
"""The letter of the names that begin with none."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its name, what it means, and who answers for it; `parent` is the key of a wider term."""

    name: str
    definition: str
    owner: str
    domain: str | None
    parent: str | None
    synonyms: tuple[str, ...]
    defined_at: datetime
    defined_by: str
    retired_at: datetime | None = None

    @property
    def key(self) -> str:
        """The name by which the term is referred to."""
        return make_key(self.name)


@dataclass(frozen=True, slots=True)
class TermFilter:
    """Which terms: with all of these words, of that letter, of that domain, of these domains; None: of all."""

    words: tuple[str, ...] = ()
    letter: str | None = None
    domain: str | None = None
    among: Collection[str] | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class TermPage:
    """Some of the terms that were asked for, how many there are in all, and how many by first letter."""

    terms: tuple[Term, ...] = ()
    total: int = 0
    letters: Mapping[str, int] = field(default_factory=dict)


_ALL = select(*rows.select_columns(TERMS, Term))


def make_key(name: str) -> str:
    """The name in the form in which two names are compared."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def find_letter(name: str) -> str:
    """The first letter of a name, `#` where it begins with none."""
    first = unicodedata.normalize("NFC", name.strip())[:1].upper()[:1]
    return first if first.isalpha() else OTHER


def find(conn: Connection, name: str) -> Term | None:
    """The term of that name."""
    return rows.fetch_one(conn, _ALL.where(TERMS.c.key == make_key(name)), Term)


def list_by_key(conn: Connection, keys: Collection[str]) -> tuple[Term, ...]:
    """These terms, as far as there are any."""
    return rows.fetch_all(conn, _ALL.where(rows.is_one_of(conn, TERMS.c.key, keys)), Term) if keys else ()


def save(conn: Connection, term: Term) -> None:
    """Adds the term, or replaces the one of its name."""
    words = "\n".join(map(make_key, (term.name, *term.synonyms, term.definition)))
    values = {**rows.to_values(term), "key": term.key, "letter": find_letter(term.name), "words": words}
    statement = rows.build_insert(conn, TERMS).values(values)
    conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def retire(conn: Connection, key: str, at: datetime) -> None:
    """Notes that the term is not to be used any more."""
    conn.execute(update(TERMS).where(TERMS.c.key == key).values(retired_at=at))


def list_children(conn: Connection, key: str) -> tuple[Term, ...]:
    """The terms whose parent it is, by name."""
    return rows.fetch_all(conn, _ALL.where(TERMS.c.parent == key).order_by(TERMS.c.key), Term)


def read_page(conn: Connection, which: TermFilter, limit: int, offset: int) -> TermPage:
    """The terms by name; `letters` are those of all terms that the filter takes but for its letter."""
    every = _list_conditions(conn, which)
    counted = (
        select(TERMS.c.letter, func.count().label("terms"))
        .where(*every)
        .group_by(TERMS.c.letter)
        .order_by(TERMS.c.letter)
    )
    letters = {row.letter: row.terms for row in conn.execute(counted)}
    total = sum(letters.values()) if which.letter is None else letters.get(which.letter, 0)
    query: Select[Any] = _ALL.where(*every)
    if which.letter is not None:
        query = query.where(TERMS.c.letter == which.letter)
    page = rows.fetch_all(conn, query.order_by(TERMS.c.key).limit(limit).offset(offset), Term)
    return TermPage(page, total, letters)


def _list_conditions(conn: Connection, which: TermFilter) -> list[ColumnElement[bool]]:
    conditions = [TERMS.c.words.contains(make_key(word), autoescape=True) for word in which.words]
    if which.domain is not None:
        conditions.append(TERMS.c.domain == which.domain)
    if which.among is not None:
        conditions.append(or_(TERMS.c.domain.is_(None), rows.is_one_of(conn, TERMS.c.domain, which.among)))
    if not which.retired:
        conditions.append(TERMS.c.retired_at.is_(None))
    return conditions
