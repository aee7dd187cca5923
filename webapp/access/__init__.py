"""Who may ask over HTTP: tokens, and the keys by which a repeated request makes nothing twice."""
