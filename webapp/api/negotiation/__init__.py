"""What HTTP settles about an answer: its form, its compression, and whether the asker has it already."""
