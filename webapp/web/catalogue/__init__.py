"""The pages of all series: list, filters, selection, deletion."""
