"""Series: what is stored, what is known of it, its bars in every form, and where they came from."""
