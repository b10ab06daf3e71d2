"""Commands that publish and read data."""
