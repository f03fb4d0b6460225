"""A batch that is watched while it learns: the trainer's thread, its pace, and what is shown."""
