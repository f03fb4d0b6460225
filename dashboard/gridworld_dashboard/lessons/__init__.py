"""Lessons: files of text and links, read, checked and handed to the page."""
