"""The page of what frames do otherwise than PySpark, from the tables beside the functions."""

from __future__ import annotations

from data_platform.engine.spark_functions.differences import DIFFERENCES, REFUSALS

HEAD = """\
# Frames and PySpark

<!-- Written by `make docs` from src/data_platform/engine/spark_functions/differences.py. -->

Functions, operators and methods of a DataFrame give the value and the type that PySpark 4 gives, or they raise
FrameError. The reference is Spark in its ANSI mode (its default), in UTC. Where ANSI mode raises an error:

- a cast of a value that does not fit, an arithmetic overflow, and text that is no date fail the action;
- a division by zero (`/`, `%`, `div`) and a position outside an array give null, as without ANSI mode.

0.0 equals -0.0, and NaN equals NaN and is larger than all else, as in Spark; the key of a group may be either zero.

The tests hold this for every function over edge values, against recorded answers of a real Spark, which
`make test-engines` asks again.
"""


def spark_differences() -> str:
    """docs/reference/spark-differences.md."""
    lines = [HEAD, "## Other values\n", "| Where | Here | Why |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {each.here} | {each.reason} |" for each in DIFFERENCES]
    lines += ["\n## Refused\n", "| Where | What is refused | Why |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {each.here} | {each.reason} |" for each in REFUSALS]
    return "\n".join(lines) + "\n"
