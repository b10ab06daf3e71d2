"""How answers are drawn for people."""
