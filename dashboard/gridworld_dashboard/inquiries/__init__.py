"""What viewers ask of the run that changes nothing: tests, games by hand, its past."""
