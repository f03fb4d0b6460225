"""What frames are made of: what was learnt, as the page draws it."""
