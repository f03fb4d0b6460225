"""Experiments on the page: started from a number of the live one, run beside the training."""
