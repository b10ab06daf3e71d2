"""The data of a publish, as one stream of record batches.

Accepted: anything with the Arrow PyCapsule interface (pyarrow, polars, pandas, DuckDB, our DataFrame), a list of
dicts, or a path to Parquet (a file or a folder of files), CSV, JSON lines. Streams stay streams; text files with a
contract are read as text and converted by the contract, so that `007` in a text column stays `007`.
"""

from data_platform.tables.intake.opening import open_data
from data_platform.tables.intake.stream import Intake, cast_arguments

__all__ = ["Intake", "cast_arguments", "open_data"]
