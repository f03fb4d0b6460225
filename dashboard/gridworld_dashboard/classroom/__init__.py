"""Many on one server: a session for each browser, within bounds, and who is invited how."""
