"""What `accord bench` measures, one file for each subject, and how a figure is written down."""
