"""Making a mapping on screen: what a column looks like, the form and its YAML, and what comes of it."""
