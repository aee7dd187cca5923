"""The pages of suspicious bars."""
