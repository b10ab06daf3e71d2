"""The verbs over HTTP, for `data-platform serve`."""
