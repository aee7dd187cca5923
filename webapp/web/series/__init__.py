"""The pages of one series: chart, actions, where its bars came from."""
