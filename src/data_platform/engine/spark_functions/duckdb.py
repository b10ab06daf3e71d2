"""The dialect in which frames run: DuckDB's, and templates of it word for word."""

from __future__ import annotations

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator

from data_platform.engine.spark_functions.value import SqlTemplate


class SparkOnDuckDB(DuckDB):
    """DuckDB's SQL, whose templates give Spark's values."""

    class Generator(DuckDBGenerator):
        """Writes a Template with its expressions in their places."""

        TRANSFORMS = {  # noqa: RUF012  # sqlglot's own form
            **DuckDBGenerator.TRANSFORMS,
            SqlTemplate: lambda self, node: node.this.format(
                *(self.sql(expression) for expression in node.expressions)
            ),
        }
