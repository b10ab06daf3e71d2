"""The grammar of a condition, compiled to a parser once, when the first condition is read.

Keywords may be written in any case, names may not. `--` begins a comment that ends with its line.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = r"""
start: loop* ASSERT _condition

loop: FOR NAME IN path where?
where: WHERE _condition

_condition: disjunction
disjunction: conjunction (OR conjunction)*
conjunction: _term (AND _term)*
_term: negation | _atom
negation: NOT _term
_atom: "(" disjunction ")" | any | all | comparison | membership | containment | match | null | truth

comparison: _operand SIGN _operand
membership: _operand NOT? IN (choices | path)
choices: "(" _literal ("," _literal)* ")"
containment: _operand NOT? CONTAINS _operand
match: _operand NOT? MATCHES STRING
null: _operand IS NOT? NULL
truth: _operand

any: ANY "(" binding where? ")"
all: ALL "(" binding where? ASSERT disjunction ")"
count: COUNT "(" (binding where? | path) ")"
binding: NAME IN path

_operand: path | _literal | count
path: NAME ("." NAME)*
_literal: string | number | percentage | quantity | boolean | nothing
string: STRING
number: NUMBER
percentage: PERCENTAGE
quantity: QUANTITY
boolean: TRUE | FALSE
nothing: NULL

FOR.3: /for\b/i
IN.3: /in\b/i
WHERE.3: /where\b/i
ASSERT.3: /assert\b/i
AND.3: /and\b/i
OR.3: /or\b/i
NOT.3: /not\b/i
IS.3: /is\b/i
NULL.3: /null\b/i
TRUE.3: /true\b/i
FALSE.3: /false\b/i
CONTAINS.3: /contains\b/i
MATCHES.3: /matches\b/i
ANY.3: /any(?=\s*\()/i
ALL.3: /all(?=\s*\()/i
COUNT.3: /count(?=\s*\()/i

NAME: /[A-Za-z_][A-Za-z0-9_]*/
SIGN: "<=" | ">=" | "!=" | "<>" | "=" | "<" | ">"
STRING: /'(?:[^'\n]|'')*'/ | /"(?:[^"\n]|"")*"/
PERCENTAGE.2: /-?[0-9]+(?:\.[0-9]+)?[ \t]*%/
QUANTITY.1: /[0-9]+(?:\.[0-9]+)?[ \t]*(?!(?:and|or|not|in|is|where|assert|contains|matches|for)\b)[A-Za-z]+/i
NUMBER: /-?[0-9]+(?:\.[0-9]+)?/

COMMENT: /--[^\n]*/
%import common.WS
%ignore WS
%ignore COMMENT
"""

KEYWORDS = (
    "FOR", "IN", "WHERE", "ASSERT", "AND", "OR", "NOT", "IS", "NULL", "TRUE", "FALSE", "CONTAINS", "MATCHES",
    "ANY", "ALL", "COUNT",
)  # fmt: skip


@lru_cache(maxsize=1)
def load_parser() -> Lark:
    """The parser, built when the first condition is read."""
    # lark takes 45 ms to load, and most commands read no condition
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", lexer="basic", propagate_positions=True, maybe_placeholders=False)
