"""Which series there are: search, filters, counterparts at other sources, deletion."""
