"""The pages: each asks verbs what it shows, and decides nothing by itself."""
