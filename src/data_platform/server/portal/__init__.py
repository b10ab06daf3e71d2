"""The web portal: pages that the server draws with the verbs' own answers, for who is signed in."""
