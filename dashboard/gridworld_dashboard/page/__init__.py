"""What is on the page: components, their ids and their callbacks."""
