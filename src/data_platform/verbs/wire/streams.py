"""What Arrow streams of rows carry besides rows, in their metadata."""

from __future__ import annotations

ANSWER = b"data_platform.answer"
"""In the schema: the JSON of the verb's answer."""
PROBLEM = b"data_platform.problem"
"""In an empty last batch: the problem that ended the rows."""
MORE = b"data_platform.more"
"""In an empty last batch: `true` where the query has more rows than its caller asked for."""
