"""Commands that operate a mesh."""
