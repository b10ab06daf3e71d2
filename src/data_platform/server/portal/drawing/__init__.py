"""Charts and graphs as SVG, with text and links that a screen reader reads."""
