"""SQL that was written for another engine: it does not run here, but it can be read."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_DIALECTS = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "dremio": "dremio",
    "hive": "hive",
    "impala": "hive",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "postgresql": "postgres",
    "presto": "presto",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "spark": "spark",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "trino": "trino",
}


def is_sql_engine(name: str) -> bool:
    """Whether the type of a server is a SQL engine other than the one that runs rules here."""
    return name.strip().lower() in _DIALECTS


def is_query_of(sql: str, engine: str) -> bool:
    """Whether the text is one query in the dialect of the engine; True for an engine whose dialect is unknown."""
    dialect = _DIALECTS.get(engine.strip().lower())
    if dialect is None:
        return bool(sql.strip())
    try:
        statements = sqlglot.parse(sql, dialect=dialect)
    except (SqlglotError, ValueError, RecursionError):
        return False
    return len(statements) == 1 and isinstance(statements[0], exp.Query)
