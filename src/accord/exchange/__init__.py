"""What goes in and out of the node: formats, and notices to other systems."""
