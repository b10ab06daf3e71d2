"""Output formats for files and pipes: rows, JUnit, SARIF."""
