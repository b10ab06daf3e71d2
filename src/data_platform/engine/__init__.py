"""Engine: DuckDB over files and Arrow. DataFrames compile to one statement; rules run walled in, in worker/."""
