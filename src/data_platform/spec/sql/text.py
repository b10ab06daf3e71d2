"""The text of a rule's SQL before it is parsed: its tokens, and whether it is small and flat enough to parse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

MAX_CHARACTERS = 100_000
MAX_TOKENS = 20_000
MAX_DEPTH = 32
# The parser tries `DATE (…)` both as a type and as a call, which doubles its work with every level.
MAX_TYPE_DEPTH = 5

_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})


@dataclass(frozen=True, slots=True)
class SqlProblem:
    """A problem of a rule's SQL, or, when `warning`, a doubt."""

    message: str
    hint: str | None = None
    warning: bool = False


class Refusal(ValueError):
    """The SQL is refused for one problem; it is not examined further."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.problem = SqlProblem(message, hint)


def read_tokens(sql: str) -> list[Token]:
    """The tokens without semicolons at the end; Refusal when it is empty, too large, too deep or not SQL."""
    if len(sql) > MAX_CHARACTERS:
        raise Refusal(
            f"the SQL has {len(sql):,} characters, {MAX_CHARACTERS:,} is the limit",
            "move long lists of values into a table and declare it as an input",
        )
    if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in sql):
        raise Refusal("the SQL holds a NUL character or half a surrogate pair", "remove it")
    try:
        tokens = DuckDB.Tokenizer().tokenize(sql)
    except SqlglotError:
        raise Refusal("the SQL cannot be read", "look for a quote or comment that is not closed") from None
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise Refusal("the SQL is empty", "write SELECT … FROM …")
    if len(tokens) > MAX_TOKENS:
        raise Refusal(f"the SQL has {len(tokens):,} words, {MAX_TOKENS:,} is the limit")
    _check_depth(tokens)
    _check_withs(tokens)
    return tokens


def _check_depth(tokens: Sequence[Token]) -> None:
    """Count the brackets that are open, and among them those after the name of a type."""
    after_type: list[bool] = []
    previous: TokenType | None = None
    for token in tokens:
        if token.token_type in _OPENING:
            after_type.append(previous in DuckDB.Parser.TYPE_TOKENS)
            if len(after_type) > MAX_DEPTH or sum(after_type) > MAX_TYPE_DEPTH:
                raise Refusal("the SQL is nested too deeply", "write the inner queries as WITH queries")
        elif token.token_type in _CLOSING and after_type:
            after_type.pop()
        previous = token.token_type


def _check_withs(tokens: Sequence[Token]) -> None:
    """Of `WITH a AS (…) (WITH b AS (…) SELECT …)` DuckDB forgets one WITH, and the parser here makes one of the two."""
    kinds = [token.token_type for token in tokens]
    for at, kind in enumerate(kinds):
        if kind is not TokenType.WITH:
            continue
        before = at - 1
        while before >= 0 and kinds[before] is TokenType.L_PAREN:
            before -= 1
        if 0 <= before < at - 1 and kinds[before] is TokenType.R_PAREN:
            raise Refusal("a WITH may not precede a query in parentheses that has its own", "write one WITH")


def list_called_functions(tokens: Sequence[Token]) -> list[str]:
    """The word before every opening parenthesis, in lower case: every call, however it is written."""
    return [word.text.lower() for word, after in pairwise(tokens) if after.token_type is TokenType.L_PAREN]


def strip_semicolon(sql: str) -> str:
    """The statement alone, verbatim, so that it can be put between parentheses on lines of its own."""
    return sql[: read_tokens(sql)[-1].end + 1]
