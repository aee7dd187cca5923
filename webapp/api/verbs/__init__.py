"""The verbs of scripts as ``JobManager`` has them: several jobs at once, and series by what people call them."""
