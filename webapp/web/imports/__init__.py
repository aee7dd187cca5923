"""The pages of imports: upload, layout, preview."""
