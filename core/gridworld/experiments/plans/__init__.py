"""What determines the results of an experiment: its plan, as an object and as a text."""
