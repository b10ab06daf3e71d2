"""Builds the syntax tree from the parser's tree.

Imported with lark, and so only when a condition is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any as Anything
from typing import TypeVar

from lark import Token, Transformer, Tree, v_args
from lark.exceptions import VisitError
from lark.tree import Meta

from data_platform.governance.policy_language.errors import LanguageError
from data_platform.governance.policy_language.syntax import (
    All,
    And,
    Any,
    ComparisonCondition,
    Condition,
    ContainmentCondition,
    Count,
    Identifier,
    Literal,
    Loop,
    MatchCondition,
    MembershipCondition,
    Not,
    NullCondition,
    Or,
    Path,
    ScalarType,
    Statement,
    TextSpan,
    TruthCondition,
)
from data_platform.spec.product.duration import parse_duration
from data_platform.spec.text.names import quote_text

MAX_DIGITS = 18
Parts = Sequence[Anything]
Kind = TypeVar("Kind")


def build_statement(text: str, tree: Tree[Token]) -> Statement:
    """The statement of the parser's tree of a text; LanguageError for an invalid value."""
    try:
        statement: Statement = _Builder(text).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, LanguageError):
            raise error.orig_exc from None
        raise
    return statement


def _to_span(meta: Meta) -> TextSpan:
    return TextSpan(meta.start_pos, meta.end_pos)


def _select_kind(parts: Parts, kind: type[Kind]) -> list[Kind]:
    return [part for part in parts if isinstance(part, kind)]


def _apply_negation(parts: Parts, condition: Condition) -> Condition:
    is_negated = any(isinstance(part, Token) and part.type == "NOT" for part in parts)
    return Not(condition, condition.span) if is_negated else condition


@v_args(meta=True)
class _Builder(Transformer[Token, Anything]):
    """One method for each rule of the grammar, given its parts from the bottom up."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, meta: Meta, parts: Parts) -> Statement:
        return Statement(tuple(_select_kind(parts, Loop)), parts[-1], _to_span(meta))

    def loop(self, meta: Meta, parts: Parts) -> Loop:
        _, variable, _, path, *where = parts
        return Loop(_to_name(variable), path, where[0] if where else None, _to_span(meta))

    def where(self, meta: Meta, parts: Parts) -> Condition:
        condition: Condition = parts[-1]
        return condition

    def binding(self, meta: Meta, parts: Parts) -> Loop:
        variable, _, path = parts
        return Loop(_to_name(variable), path, None, _to_span(meta))

    def disjunction(self, meta: Meta, parts: Parts) -> Condition:
        conditions = tuple(part for part in parts if not isinstance(part, Token))
        return conditions[0] if len(conditions) == 1 else Or(conditions, _to_span(meta))

    def conjunction(self, meta: Meta, parts: Parts) -> Condition:
        conditions = tuple(part for part in parts if not isinstance(part, Token))
        return conditions[0] if len(conditions) == 1 else And(conditions, _to_span(meta))

    def negation(self, meta: Meta, parts: Parts) -> Condition:
        return Not(parts[-1], _to_span(meta))

    def comparison(self, meta: Meta, parts: Parts) -> Condition:
        left, sign, right = parts
        return ComparisonCondition(left, "!=" if sign == "<>" else str(sign), right, _to_span(meta))

    def membership(self, meta: Meta, parts: Parts) -> Condition:
        return _apply_negation(parts, MembershipCondition(parts[0], parts[-1], _to_span(meta)))

    def choices(self, meta: Meta, parts: Parts) -> tuple[Literal, ...]:
        return tuple(parts)

    def containment(self, meta: Meta, parts: Parts) -> Condition:
        return _apply_negation(parts, ContainmentCondition(parts[0], parts[-1], _to_span(meta)))

    def match(self, meta: Meta, parts: Parts) -> Condition:
        pattern = self.string(meta, parts[-1:])
        at = TextSpan(parts[-1].start_pos, parts[-1].end_pos)
        return _apply_negation(
            parts, MatchCondition(parts[0], Literal(pattern.value, ScalarType.TEXT, at), _to_span(meta))
        )

    def null(self, meta: Meta, parts: Parts) -> Condition:
        return _apply_negation(parts, NullCondition(parts[0], _to_span(meta)))

    def truth(self, meta: Meta, parts: Parts) -> Condition:
        return TruthCondition(parts[0], _to_span(meta))

    def any(self, meta: Meta, parts: Parts) -> Condition:
        return Any(_with_where(parts[1:]), _to_span(meta))

    def all(self, meta: Meta, parts: Parts) -> Condition:
        return All(_with_where(parts[1:-2]), parts[-1], _to_span(meta))

    def count(self, meta: Meta, parts: Parts) -> Count:
        return Count(parts[1] if isinstance(parts[1], Path) else _with_where(parts[1:]), _to_span(meta))

    def path(self, meta: Meta, parts: Parts) -> Path:
        return Path(tuple(map(_to_name, parts)), _to_span(meta))

    def string(self, meta: Meta, parts: Parts) -> Literal:
        quote = parts[0][0]
        return Literal(parts[0][1:-1].replace(quote * 2, quote), ScalarType.TEXT, _to_span(meta))

    def number(self, meta: Meta, parts: Parts) -> Literal:
        return Literal(_parse_number(parts[0], _to_span(meta)), ScalarType.NUMBER, _to_span(meta))

    def percentage(self, meta: Meta, parts: Parts) -> Literal:
        return Literal(_parse_number(parts[0].rstrip("% \t"), _to_span(meta)), ScalarType.PERCENTAGE, _to_span(meta))

    def quantity(self, meta: Meta, parts: Parts) -> Literal:
        try:
            return Literal(parse_duration(" ".join(parts[0].split())), ScalarType.DURATION, _to_span(meta))
        except ValueError as error:
            message, hint = error.args
            raise LanguageError(meta.start_pos, f"{quote_text(parts[0])} {message}", hint.replace('"', "")) from None

    def boolean(self, meta: Meta, parts: Parts) -> Literal:
        return Literal(parts[0].type == "TRUE", ScalarType.BOOLEAN, _to_span(meta))

    def nothing(self, meta: Meta, parts: Parts) -> Literal:
        return Literal(None, ScalarType.NULL, _to_span(meta))


def _to_name(token: Token) -> Identifier:
    return Identifier(str(token), TextSpan(token.start_pos or 0, token.end_pos or 0))


def _with_where(parts: Parts) -> Loop:
    loop, *where = parts
    end = where[0].span.end if where else loop.span.end
    return Loop(loop.variable, loop.path, where[0] if where else None, TextSpan(loop.span.start, end))


def _parse_number(text: str, span: TextSpan) -> int | float:
    if len(text.lstrip("-").replace(".", "")) > MAX_DIGITS:
        raise LanguageError(span.start, f"{quote_text(text)} has more than {MAX_DIGITS} digits")
    return float(text) if "." in text else int(text)
