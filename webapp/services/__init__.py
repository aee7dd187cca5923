"""One public function for each thing that a person or a task can ask for."""
