"""The vector kernel's step: 16 agents in the lanes of vectors, with the scalar kernel's names."""
