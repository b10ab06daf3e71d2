"""Run by the interpreter of build/gx: what the real Great Expectations says of each case on stdin, as JSON."""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Reads `{columns, dates, cases: [[name, arguments]]}`, prints `[success, unexpected_count]` for each case."""
    import great_expectations as gx
    import pandas as pd

    asked = json.load(sys.stdin)
    frame = pd.DataFrame(asked["columns"])
    for column in asked["dates"]:
        frame[column] = pd.to_datetime(frame[column])
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
    batch = asset.add_batch_definition_whole_dataframe("b").get_batch({"dataframe": frame})
    told = []
    for name, arguments in asked["cases"]:
        kind = getattr(gx.expectations, "".join(word.title() for word in name.split("_")))
        given = {key: pd.Timestamp(value) if _is_date(value) else value for key, value in arguments.items()}
        result = batch.validate(kind(**given))
        told.append([bool(result.success), result.result.get("unexpected_count")])
    sys.stdout.write("\n" + json.dumps(told) + "\n")


def _is_date(value: object) -> bool:
    return isinstance(value, str) and value.startswith("2026-")


if __name__ == "__main__":
    main()
