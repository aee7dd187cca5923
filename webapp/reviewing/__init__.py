"""What a person decides: suspicious bars one by one, and two series of one instrument side by side."""
