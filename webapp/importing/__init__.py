"""Files of one's own: uploads, what their columns are, a preview, and the job that makes a series of them."""
