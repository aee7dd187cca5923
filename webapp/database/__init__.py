"""How the database is opened, changed and brought up to date; every room keeps its own tables and queries."""
