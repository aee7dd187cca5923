"""The pages of watchlists: all of them, one, what is added, and how one is saved from other pages."""
