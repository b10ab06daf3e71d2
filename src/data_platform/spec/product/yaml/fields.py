"""Reads the fields of one mapping: each known word at most once, each value of its kind, every slip reported.

A reader that meets a wrong value reports it and returns None (or nothing), so that the rest of the file is read too;
`Report.close` refuses the file in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from data_platform.spec.product.yaml.field_list import Words
from data_platform.spec.product.yaml.values import Plain, describe_node, read_integer, read_name, read_plain, read_text
from data_platform.spec.product.yaml.vocabulary import find_home
from data_platform.spec.text.names import find_nearest, quote_text
from data_platform.spec.text.report import Place, Report
from data_platform.spec.text.yaml import tree
from data_platform.spec.text.yaml.scalars import ScalarKind
from data_platform.spec.text.yaml.tree import Node, Scalar, Sequence

Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """The fields of `node` by the words of `words`; `subject` names the mapping in messages, such as "the output".

    `homes` says whose field an unknown word is, such as "an output".
    """

    def __init__(
        self,
        report: Report,
        node: tree.Mapping,
        words: Words,
        subject: str,
        homes: Callable[[str], str | None] = find_home,
    ) -> None:
        self._home_of = homes
        self.report = report
        self.place = node.place
        self.subject = subject
        self._words = words
        self._found: dict[str, tuple[Scalar, Node]] = {}
        self._blamed: set[str] = set()
        for key, value in node.entries:
            self._sort(key, value)

    def _sort(self, key: Scalar, value: Node) -> None:
        word = self._words.find_canonical(key.text)
        if word is None:
            self._report_unknown(key)
        elif word in self._found:
            self._report_clash(word, key)
        elif isinstance(value, Scalar) and value.kind is ScalarKind.NULL:
            self._blamed.add(word)
            self.report.error(key.place, f"`{key.text}` has no value", "write one, or remove the line")
        else:
            self._found[word] = (key, value)

    def _report_unknown(self, key: Scalar) -> None:
        near, home = find_nearest(key.text, self._words.spellings), self._home_of(key.text)
        if home and not (near and near.rstrip("s") == key.text.rstrip("s")):
            hint = f"it is a field of {home}"
        elif near:
            hint = f"did you mean `{near}`?"
            self._blamed.add(self._words.find_canonical(near) or near)
        else:
            hint = f"its fields are {', '.join(self._words.names)}"
        self.report.error(key.place, f"{self.subject} has no field {quote_text(key.text)}", hint)

    def _report_clash(self, word: str, key: Scalar) -> None:
        first = self._found[word][0]
        message = f"`{key.text}` and `{first.text}` in line {first.place.line} mean the same"
        self.report.error(key.place, message, f"keep `{word}`, and remove the other")

    def find_node(self, word: str) -> Node | None:
        """The value under a word, or None."""
        return self._found[word][1] if word in self._found else None

    def find_key(self, word: str) -> str:
        """The word as it was written in the file."""
        return self._found[word][0].text if word in self._found else word

    def locate(self, word: str) -> Place:
        """The place of the value; that of the mapping when it is missing."""
        node = self.find_node(word)
        return node.place if node else self.place

    def require(self, *words: str) -> None:
        """Report the words that are missing, except where a slip of them was reported already."""
        for word in words:
            if word not in self._found and word not in self._blamed:
                self.report.error(self.place, f"{self.subject} has no `{word}`", self._words.make_example(word))

    def read_text(self, word: str, most: int, *, one_line: bool = True, hint: str | None = None) -> str | None:
        """Text of at most `most` characters; of one line it has no hidden characters either."""
        node = self.find_node(word)
        if node is None:
            return None
        return read_text(self.report, node, f"`{self.find_key(word)}`", most, one_line=one_line, hint=hint)

    def read_raw(self, word: str) -> str:
        """The characters under a word as they are written; empty when there is no scalar."""
        node = self.find_node(word)
        return node.text if isinstance(node, Scalar) else ""

    def name(self, word: str) -> str | None:
        """A name by the pattern of `names`."""
        node = self.find_node(word)
        return None if node is None else read_name(self.report, node, f"`{self.find_key(word)}`")

    def read_integer(self, word: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`."""
        node = self.find_node(word)
        return None if node is None else read_integer(self.report, node, f"`{self.find_key(word)}`", low, high)

    def read_choice(
        self, word: str, choices: type[Choice], synonyms: Mapping[str, str] = MappingProxyType({})
    ) -> Choice | None:
        """One of an enumeration's words; `synonyms` maps other tools' words to ours."""
        text = self.read_word(word, [choice.value for choice in choices], synonyms)
        return None if text is None else choices(text)

    def read_word(
        self, word: str, choices: Collection[str], synonyms: Mapping[str, str] = MappingProxyType({})
    ) -> str | None:
        """One of `choices`."""
        text = self.read_text(word, 100)
        if text is None or text in choices:
            return text
        near = synonyms.get(text.lower()) or find_nearest(text, choices)
        hint = f"did you mean {near}?" if near else f"write one of {', '.join(choices)}"
        self.report.error(self.locate(word), f"`{self.find_key(word)}` cannot be {quote_text(text)}", hint)
        return None

    def read_mapping(self, word: str) -> tree.Mapping | None:
        """A mapping."""
        node = self.find_node(word)
        if node is None or isinstance(node, tree.Mapping):
            return node
        self._refuse_kind(word, node, "must be a mapping of fields")
        return None

    def read_plain(self, word: str, most: int = 10_000) -> dict[str, Plain]:
        """A mapping of anything that JSON can say, texts of at most `most` characters; empty when there is none."""
        node = self.read_mapping(word)
        read = None if node is None else read_plain(self.report, node, f"`{self.find_key(word)}`", most)
        return read if isinstance(read, dict) else {}

    def read_items(self, word: str, example: str, most: int = 1000) -> tuple[Node, ...]:
        """The items of a list that has some; `example` is what one looks like."""
        node = self.find_node(word)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self._refuse_kind(word, node, "must be a list", f"write {self.find_key(word)}: {example}")
            return ()
        if len(node.items) > most:
            self.report.error(
                node.place, f"`{self.find_key(word)}` has {len(node.items):,} entries; {most:,} is the limit"
            )
        return node.items[:most]

    def read_texts(self, word: str, most: int, *, one_line: bool = True, or_one: bool = False) -> tuple[str, ...]:
        """Different texts in a list; with `or_one`, a single text is read as a list of one."""
        return tuple(text for text, _ in self.read_placed_texts(word, most, one_line=one_line, or_one=or_one))

    def read_placed_texts(
        self, word: str, most: int, *, one_line: bool = True, or_one: bool = False
    ) -> tuple[tuple[str, Place], ...]:
        """`read_texts` with the place of each text."""
        node = self.find_node(word)
        single = or_one and isinstance(node, Scalar)
        example = f"[{node.text}]" if isinstance(node, Scalar) and node.text.strip() else "[first, second]"
        items: Iterable[Node] = (node,) if single and node else self.read_items(word, example)
        what = f"`{self.find_key(word)}`" if single else f"an entry of `{self.find_key(word)}`"
        places: dict[str, Place] = {}
        for item in items:
            text = read_text(self.report, item, what, most, one_line=one_line)
            if text in places:
                self.report.warn(
                    item.place, f"{quote_text(text)} appears twice in `{self.find_key(word)}`", "remove one"
                )
            elif text is not None:
                places[text] = item.place
        return tuple(places.items())

    def _refuse_kind(self, word: str, node: Node, demand: str, hint: str | None = None) -> None:
        self.report.error(node.place, f"`{self.find_key(word)}` {demand}, not {describe_node(node)}", hint)
