"""Live pages: a stream of ids to whoever may fetch them, on a fixed tick (decision 0015)."""
