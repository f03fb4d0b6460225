"""Figures and examples of the books: plans, published values, verdicts, pictures."""
