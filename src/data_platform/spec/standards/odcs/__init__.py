"""ODCS 3.2.0, the Open Data Contract Standard: https://bitol-io.github.io/open-data-contract-standard/."""
