"""What outlives a process: checkpoints, the exchange format, links."""
