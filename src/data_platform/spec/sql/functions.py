"""The SQL functions that a rule may call.

In FROM only what is listed. Elsewhere everything that computes, and nothing that reads files, settings, secrets,
the catalog or the log, waits, or runs text as SQL. The worker process is the second wall.
"""

from __future__ import annotations

import re

TABLE_FUNCTIONS = frozenset({"generate_series", "json_each", "json_tree", "range", "unnest"})

_PLAIN = frozenset({"pg_typeof", "pg_size_pretty"})

_DENIED = re.compile(
    r"""
    # files and foreign sources
      read_\w+ | \w+_scan | \w+_scan_dumb | parquet_\w+ | sniff_\w+ | glob | st_read\w* | \w*external_resource\w*
    | (iceberg|delta|ducklake|postgres|mysql|sqlite|odbc|adbc|http|arrow|python|pandas|substrait|from_substrait)_?\w*
    # the catalog, settings, secrets, environment, log
    | duckdb_\w+ | pragma_\w+ | pg_\w+ | getenv | getvariable | current_setting | \w*secret\w* | \w+_privilege
    | current_(query\w*|connection_id|transaction_id|schemas?|catalog|database|role|user) | session_user | txid_current
    | in_search_path | inet_\w+ | version | write_log | \w*duckdb_log\w* | \w+_(logging|profiling) | icu_calendar_names
    | col_description | obj_description | shobj_description | storage_info | stats | vector_type
    # text run as SQL, state, waiting
    | query | query_table | json_(execute_)?(de)?serialize\w* | json_execute_\w+ | (force_)?checkpoint
    | nextval | currval | setval | setseed | sleep_ms | repeat_row | test_\w+ | summary | __internal\w*
    """,
    re.VERBOSE,
)


def is_denied(function: str) -> bool:
    """Whether a rule may not call the function, in any letter case."""
    name = function.lower()
    return name not in _PLAIN and _DENIED.fullmatch(name) is not None
