"""What a source changed afterwards (splits, corrections), and which job brought each bar."""
