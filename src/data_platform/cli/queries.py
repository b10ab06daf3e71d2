"""Reads the query of the command `sql`, and refuses other statements with a hint."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from data_platform.cli.console.stdout import require_stdin
from data_platform.errors import BadInput, QueryFailed
from data_platform.spec.text.file import LARGEST, NoRegularFile, read_bounded
from data_platform.spec.text.paths import to_path

STDIN = "-"
_CATALOG = "data-platform search lists products; data-platform show PRODUCT shows its outputs and columns"
_WRITES = "data-platform publish writes a version of an output; --out FILE writes the result of a query"
_INSTEAD = {
    ("show", "describe", "desc", "pragma"): _CATALOG,
    (
        "summarize",
    ): "SELECT count(*), min(…), max(…) computes statistics; data-platform quality PRODUCT shows the quality",
    ("explain", "analyze"): "write only the SELECT: query plans are not available",
    ("insert", "update", "delete", "merge", "create", "drop", "alter", "truncate", "copy", "export", "import"): _WRITES,
    (
        "attach",
        "use",
        "set",
        "install",
        "load",
        "call",
    ): 'every output that you may read is available: FROM "product".output',
}
_FIRST = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/)*([A-Za-z]+)\b(?!\s*\.)", re.DOTALL)
_COMMENT = re.compile(r"--(\s|[^\n]*\n)")


class QueryCommand(click.Command):
    """A command whose argument may begin with a SQL comment, `-- …`, which is not an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Moves such an argument behind the options. Raises BadInput for a query that the shell split into words."""
        queries = [arg for arg in args if _COMMENT.match(arg)]
        if queries and "--" not in args:
            args = [*(arg for arg in args if arg not in queries), "--", *queries]
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if ctx.args:
            raise BadInput(
                f"the query is {len(ctx.args) + 1:,} arguments, and must be one",
                hint="put the whole query in single quotes for the shell: data-platform sql 'SELECT … FROM …'",
            )
        return rest


def read_query(query: str | None, file: Path | None) -> str:
    """Returns the SQL. Raises BadInput if there is none, or two. `-` is standard input, as QUERY and as --file."""
    if (query is None) == (file is None):
        raise BadInput(
            "no query is given" if query is None else "two queries are given",
            hint="data-platform sql 'SELECT …', or data-platform sql --file FILE",
        )
    if STDIN in (query, str(file)):
        require_stdin()
        text = sys.stdin.read()
    else:
        text = _read(file) if file is not None else query or ""
        _refuse_file_name(text if file is None else "")
    _refuse_other_statements(text)
    return text


def _read(file: Path) -> str:
    try:
        data = read_bounded(to_path(file, "--file"), LARGEST)
        if len(data) > LARGEST:
            raise BadInput(f"{file} is larger than {LARGEST:,} bytes, the maximum")
        return data.decode("utf-8-sig")
    except NoRegularFile as error:
        raise BadInput(f"{file}: {error}", hint="a query from a pipe: --file -") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not UTF-8 text") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error


def _refuse_file_name(text: str) -> None:
    name = text.strip()
    if name.lower().endswith(".sql") and "\n" not in name and not name.lower().startswith(("select", "from", "with")):
        raise BadInput(f"{name} is a file name, not a query", hint=f"data-platform sql --file {name}")


def _refuse_other_statements(text: str) -> None:
    match = _FIRST.match(text)
    word = match[1].lower() if match else ""
    for words, hint in _INSTEAD.items():
        if word in words:
            raise QueryFailed(f"a query must be one SELECT, but this begins with {word.upper()}", hint=hint)
