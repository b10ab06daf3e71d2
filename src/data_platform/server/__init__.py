"""The server: the verbs over HTTP."""
