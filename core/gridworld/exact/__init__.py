"""The ground truth: optimal values, exact values of policies, and how far an agent is from them."""
