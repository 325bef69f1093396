"""What every task has, whatever is predicted."""
