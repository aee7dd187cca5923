"""How a file of one's own is laid out: its lines and columns, its header, its numbers, how long its bars are."""
