"""DuckDB's SQL for what was meant in Spark's: where the same word means another thing, the value is Spark's.

Each of these gave a wrong value without an error (measured with sqlglot 30, DuckDB 2.0).
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator

TRUNCATES = "truncates"
"""The mark of a cast from a fraction to an integer: Spark cuts the fraction off, DuckDB would round."""


class SparkOnDuckDB(DuckDB):
    """The dialect in which frames run."""

    class Generator(DuckDBGenerator):
        """Writes Spark's days of the week, dates and casts for DuckDB."""

        TRANSFORMS = {  # noqa: RUF012  # sqlglot's own form
            **DuckDBGenerator.TRANSFORMS,
            # as bare words, these are taken for a column of the SELECT's that is named so
            exp.CurrentTimestamp: lambda *_: "NOW()",
            exp.CurrentDate: lambda *_: "CAST(NOW() AS DATE)",
            # Spark counts Sunday as 1, DuckDB as 0
            exp.DayOfWeek: lambda self, node: f"(DAYOFWEEK({self.sql(node, 'this')}) + 1)",
            exp.TsOrDsAdd: lambda self, node: f"CAST({DuckDBGenerator.TRANSFORMS[exp.TsOrDsAdd](self, node)} AS DATE)",
        }

        def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
            """A cast, its fraction cut off first where it is marked so."""
            if expression.meta.get(TRUNCATES):
                expression = expression.copy()
                expression.meta.pop(TRUNCATES)
                expression.set("this", exp.Anonymous(this="TRUNC", expressions=[expression.this]))
            return super().cast_sql(expression, safe_prefix)

        def anonymous_sql(self, expression: exp.Anonymous) -> str:
            """A function that sqlglot knows nothing of; Spark counts Monday as weekday 0, DuckDB Sunday."""
            if expression.name.upper() == "WEEKDAY":
                return f"(ISODOW({self.expressions(expression, flat=True)}) - 1)"
            return super().anonymous_sql(expression)
