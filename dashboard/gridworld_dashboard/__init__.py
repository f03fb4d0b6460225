"""The live dashboard: one process that trains, serves the page and streams to every viewer."""
