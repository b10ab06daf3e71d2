"""How answers are written to files and pipes: rows, JUnit, SARIF."""
