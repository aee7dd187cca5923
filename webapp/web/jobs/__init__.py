"""The pages of jobs: history, one job, a batch, what may be asked of them."""
