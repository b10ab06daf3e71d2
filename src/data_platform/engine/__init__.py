"""Engine: DuckDB over files and Arrow. DataFrames compile to one statement; rules run in a sandbox, in worker/."""
