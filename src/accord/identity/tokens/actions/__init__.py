"""What changes tokens, systems and clients."""
