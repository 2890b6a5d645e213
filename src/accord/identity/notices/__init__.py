"""What a member is told about their own credentials and about attempts with their name."""
