"""What a search found: cards on a terminal, a table elsewhere, the places where the words stand in bold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from data_platform.cli.console.console import Paper, Piece, PlainPaper, Styled
from data_platform.cli.console.text import amount
from data_platform.search.question import Highlight
from data_platform.verbs.results import ProductHit

LONGEST = 160
_NAME, _WORD = "bold", "bold underline"


def draw_hits(paper: Paper, found: Sequence[ProductHit]) -> None:
    """The hits, best first."""
    if isinstance(paper, PlainPaper):
        paper.table(("product", "domain", "owner", "quality", "reads", "outputs", "description"), map(_row, found))
        return
    for at, hit in enumerate(found):
        if at:
            paper.line()
        _card(paper, hit)


def draw_facets(paper: Paper, facets: Mapping[str, Mapping[str, int]]) -> None:
    """How many of all hits there are of each value."""
    paper.heading("of all hits")
    for name, counts in facets.items():
        values = ", ".join(f"{value} ({count:,})" for value, count in counts.items())
        paper.line(Styled(f"{name:<8}", "dim"), values or "–")


def _row(hit: ProductHit) -> tuple[object, ...]:
    outputs = tuple(output.name for output in hit.outputs)
    reads = hit.usage_stats.views
    return hit.name, hit.domain, hit.owner, hit.quality_score, reads, outputs, hit.description


def _card(paper: Paper, hit: ProductHit) -> None:
    told = {each.field: each for each in hit.highlights}
    facts = [_quality(hit), amount(hit.usage_stats.views, "read")]
    facts += ["personal data"] * hit.pii + [hit.status] * (hit.status != "active")
    paper.line(
        *_pieces(told.get("name", hit.name), _NAME),
        "  ",
        *_pieces(told.get("domain", hit.domain), "dim"),
        Styled(" · ", "dim"),
        *_pieces(told.get("owner", hit.owner), "dim"),
        Styled(f" · {' · '.join(facts)}", "dim"),
    )
    if hit.description:
        paper.line(*_pieces(told.get("description", _cut(hit.description))), indent=2)
    for line in _parts(hit):
        paper.line(*line, indent=2)


def _parts(hit: ProductHit) -> Iterator[list[Piece]]:
    """The outputs, and the columns and tags that have the words: no hit is a riddle."""
    told = {each.text: each for each in hit.highlights if each.field == "output"}
    yield from _listed("outputs", [told.get(output.name, output.name) for output in hit.outputs])
    yield from _listed("columns", [each for each in hit.highlights if each.field == "column"])
    yield from _listed("tags", [each for each in hit.highlights if each.field == "tag"])
    yield from _listed("formerly", [each for each in hit.highlights if each.field == "former"])


def _listed(label: str, texts: Sequence[Highlight | str]) -> Iterator[list[Piece]]:
    if not texts:
        return
    line: list[Piece] = [Styled(f"{label} ", "dim")]
    for at, text in enumerate(texts):
        line += [*([", "] if at else []), *_pieces(text)]
    yield line


def _pieces(text: Highlight | str, style: str = "") -> Iterator[Piece]:
    """The text, with the words that were found set apart."""
    whole, spans = (text, ()) if isinstance(text, str) else (text.text, text.spans)
    at = 0
    for start, end in (*spans, (len(whole), len(whole))):
        if at < start:
            yield Styled(whole[at:start], style)
        if start < end:
            yield Styled(whole[start:end], _WORD)
        at = end


def _quality(hit: ProductHit) -> str:
    return "no score" if hit.quality_score is None else f"quality {hit.quality_score:g}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
