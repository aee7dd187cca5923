"""All processes on one machine: what ``make run`` and ``make demo`` start, watch and end."""
