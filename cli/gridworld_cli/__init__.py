"""The command line of gridworld-bench."""
