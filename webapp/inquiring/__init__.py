"""Questions that pages ask of a source or of a file, answered by workers."""
