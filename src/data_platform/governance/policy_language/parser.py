"""The text of a condition as a tree, or what is wrong with it and where.

The author of a policy may be hostile: length and nesting are limited on the tokens, before the tree is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_platform.governance.policy_language.errors import LanguageError
from data_platform.governance.policy_language.grammar import KEYWORDS, load_parser
from data_platform.governance.policy_language.syntax import Statement, TextSpan
from data_platform.spec.text.names import describe_character, find_hidden_character, find_nearest, quote_text

MAX_CHARACTERS = 10_000
MAX_NESTING = 30
"""Open parentheses and NOTs at once."""


@dataclass(frozen=True, slots=True)
class _Word:
    """An expected token as text; `first` is its order in a message."""

    text: str
    first: int = 1


_EXPECTED = {
    "NAME": _Word("a name such as product.owner", 0),
    "STRING": _Word("text in quotes"),
    "NUMBER": _Word("a number"),
    "SIGN": _Word("a comparison such as = or >="),
    "LPAR": _Word("("),
    "RPAR": _Word(")"),
    "COMMA": _Word("a comma"),
    "DOT": _Word("a dot"),
}
_UNSAID = ("PERCENTAGE", "QUANTITY", "TRUE", "FALSE", "NULL", "ANY", "ALL", "COUNT", "LPAR", "NOT", "DOT")
"""Tokens that are allowed almost everywhere; a message names them only when no other token is expected."""


def parse(text: str) -> Statement:
    """The statement of a text; LanguageError for the first syntax error."""
    # lark takes 45 ms to load, and most commands read no condition
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    from data_platform.governance.policy_language.builder import build_statement

    _judge_length(text)
    try:
        _judge_nesting(text)
        tree = load_parser().parse(text)
    except UnexpectedCharacters as error:
        raise _report_unreadable(text, int(str(error.pos_in_stream))) from None
    except UnexpectedToken as error:
        end = error.token.type == "$END"
        at = len(text.rstrip()) if end else error.token.start_pos or 0
        raise _report_unexpected(
            text, at, "" if end else str(error.token), sorted(error.accepts or error.expected)
        ) from None
    except UnexpectedEOF as error:
        raise _report_unexpected(text, len(text.rstrip()), "", sorted(error.expected)) from None
    return build_statement(text, tree)


def _judge_length(text: str) -> None:
    if not text.strip():
        raise LanguageError(0, "the condition is empty", "write ASSERT and what must hold")
    if len(text) > MAX_CHARACTERS:
        message = f"the condition has {len(text):,} characters, {MAX_CHARACTERS:,} is the limit"
        raise LanguageError(0, message, "write several policies")


def _judge_nesting(text: str) -> None:
    depth, negations = 0, 0
    for token in load_parser().lex(text):
        negations = negations + 1 if token.type == "NOT" else negations if token.type == "LPAR" else 0
        depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        if depth + negations > MAX_NESTING:
            raise LanguageError(token.start_pos or 0, f"nested deeper than {MAX_NESTING} levels", "write it flatter")


def _report_unreadable(text: str, at: int) -> LanguageError:
    character = text[at]
    if character in "'\"":
        hint = f"close it with {character}; inside, write {character * 2} for one {character}"
        return LanguageError(at, "a text is not closed in its line", hint)
    if find_hidden_character(character):
        return LanguageError(at, f"the text contains the hidden character {describe_character(character)}", "remove it")
    hints = {"&": "write AND", "|": "write OR", "!": "write NOT, or !=", "[": "write a list in ( )", "`": "remove it"}
    return LanguageError(at, f"{quote_text(character)} means nothing here", hints.get(character))


def _report_unexpected(text: str, at: int, word: str, expected: list[str]) -> LanguageError:
    message = f"{quote_text(word)} is not allowed here" if word else "the condition ends too early"
    if word == "=" and text[max(at - 1, 0)] == "=":
        return LanguageError(at, message, "write a single =")
    keywords = [name for name in expected if name in KEYWORDS]
    if word and (keyword := _find_misspelling(word, keywords)):
        return LanguageError(at, message, f"did you mean {keyword}?")
    return LanguageError(at, message, f"{'instead ' if word else ''}write {_describe_expected(expected)}")


def _find_misspelling(word: str, keywords: list[str]) -> str | None:
    near = find_nearest(word, keywords) if re.fullmatch(r"[A-Za-z_]{2,}", word) else None
    return near if near != word.upper() else None


def _describe_expected(expected: list[str]) -> str:
    names = [name for name in expected if name not in _UNSAID] or expected
    words = sorted((_EXPECTED.get(name, _Word(name)) for name in names if name != "$END"), key=lambda w: w.first)
    listed = [word.text for word in words][:8] or ["nothing more"]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def extract_text(text: str, span: TextSpan) -> str:
    """The part of a text in one line, for a message."""
    return " ".join(text[span.start : span.end].split())
