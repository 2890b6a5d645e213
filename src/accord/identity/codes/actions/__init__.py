"""What writes: allowances, code devices, recovery codes."""
