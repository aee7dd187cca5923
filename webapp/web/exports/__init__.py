"""The pages of exports: form, preview, downloads, what a worker makes."""
