"""Jobs for what stored series lack: what came since, gaps, and what its source will soon delete."""
