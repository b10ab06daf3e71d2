"""The search index of the catalog: typed documents in, typed hits out, by tantivy.

It knows no database and no verb. The index is a cache in the home's `search/` folder: it can
be rebuilt from the documents, and may be deleted at any time. `text` defines words, `question` the questions and
answers, `query` translates to tantivy, `highlight` finds the matching text of a hit, `shelf` manages the folder.
"""
