"""DataFrames for notebooks and scripts; ``webapp.job_manager`` is the door to them."""
