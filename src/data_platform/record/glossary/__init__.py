"""The glossary: terms, and the columns that are linked to them."""
