"""The search index of the catalog: typed documents in, typed hits out, by tantivy.

It knows no database and no verb. The index is a cache in the home's `search/` folder: whoever has the documents can
build it again, and it may be deleted at any time. `text` says what a word is, `question` what can be asked, `query` how
that is put to tantivy, `highlight` what of a hit's text answered it, `shelf` how the index lies on disk.
"""
