"""What forms do: each calls one verb, and sends the browser to the page that shows the result."""
