"""What runs inside the confined process: nothing here is imported by who holds keys."""
