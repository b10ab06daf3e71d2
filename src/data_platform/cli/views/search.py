"""Shows search results: cards with highlighted words on a terminal, a table elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from data_platform.cli.console.console import Console, Piece, PlainConsole, Styled
from data_platform.cli.console.text import format_count
from data_platform.search.question import Highlight
from data_platform.verbs.results import ProductHit

LONGEST = 160
COLUMNS = (
    *("product", "domain", "owner", "verdict", "freshness", "published"),
    *("quality", "reads", "outputs", "description"),
)
_NAME, _WORD = "bold", "bold underline"


def draw_hits(console: Console, hits: Sequence[ProductHit]) -> None:
    """Writes the hits, best first."""
    if isinstance(console, PlainConsole):
        console.write_table(COLUMNS, map(_format_row, hits))
        return
    for at, hit in enumerate(hits):
        if at:
            console.write_line()
        _draw_card(console, hit)


def draw_facets(console: Console, facets: Mapping[str, Mapping[str, int]]) -> None:
    """Writes the number of hits per value."""
    console.write_heading("of all hits")
    for name, counts in facets.items():
        values = ", ".join(f"{value} ({count:,})" for value, count in counts.items())
        console.write_line(Styled(f"{name:<10}", "dim"), values or "–", hang=10)


def _format_row(hit: ProductHit) -> tuple[object, ...]:
    outputs = tuple(output.name for output in hit.outputs)
    reads = hit.usage_stats.views
    state = (hit.verdict, hit.freshness, hit.published_at)
    return hit.name, hit.domain, hit.owner, *state, hit.quality_score, reads, outputs, hit.description


def _draw_card(console: Console, hit: ProductHit) -> None:
    highlights = {highlight.field: highlight for highlight in hit.highlights}
    facts = [*_list_warnings(hit), _describe_quality(hit), format_count(hit.usage_stats.views, "read")]
    facts += ["personal data"] * hit.pii + [hit.status] * (hit.status != "active")
    console.write_line(
        *_split_highlights(highlights.get("name", hit.name), _NAME),
        "  ",
        *_split_highlights(highlights.get("domain", hit.domain), "dim"),
        Styled(" · ", "dim"),
        *_split_highlights(highlights.get("owner", hit.owner), "dim"),
        Styled(f" · {' · '.join(facts)}", "dim"),
        hang=2,
    )
    if hit.description:
        console.write_line(*_split_highlights(highlights.get("description", _truncate(hit.description))), indent=2)
    for line in _list_parts(hit):
        console.write_line(*line, indent=2)


def _list_parts(hit: ProductHit) -> Iterator[list[Piece]]:
    """Yields the outputs, and the columns, tags and former names that contain the words."""
    outputs = {highlight.text: highlight for highlight in hit.highlights if highlight.field == "output"}
    yield from _format_list("outputs", [outputs.get(output.name, output.name) for output in hit.outputs])
    yield from _format_list("columns", [highlight for highlight in hit.highlights if highlight.field == "column"])
    yield from _format_list("tags", [highlight for highlight in hit.highlights if highlight.field == "tag"])
    yield from _format_list("formerly", [highlight for highlight in hit.highlights if highlight.field == "former"])


def _format_list(label: str, texts: Sequence[Highlight | str]) -> Iterator[list[Piece]]:
    if not texts:
        return
    line: list[Piece] = [Styled(f"{label} ", "dim")]
    for at, text in enumerate(texts):
        line += [*([", "] if at else []), *_split_highlights(text)]
    yield line


def _split_highlights(text: Highlight | str, style: str = "") -> Iterator[Piece]:
    """Splits the text into pieces, with the matching words highlighted."""
    whole, spans = (text, ()) if isinstance(text, str) else (text.text, text.spans)
    at = 0
    for start, end in (*spans, (len(whole), len(whole))):
        if at < start:
            yield Styled(whole[at:start], style)
        if start < end:
            yield Styled(whole[start:end], _WORD)
        at = end


def _describe_quality(hit: ProductHit) -> str:
    return "no score" if hit.quality_score is None else f"quality {hit.quality_score:g}"


def _list_warnings(hit: ProductHit) -> Iterator[str]:
    """Yields the verdict with its reason where it is a warning, and that data is late where that is not the reason."""
    if hit.verdict in ("bad", "caution"):
        yield f"{hit.verdict}: {hit.reason}".replace("_", " ")
    if hit.freshness == "late" and hit.reason != "broken_promise":
        yield "late"


def _truncate(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
