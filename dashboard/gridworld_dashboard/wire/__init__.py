"""The wire: messages, viewers, and what is sent to them when."""
