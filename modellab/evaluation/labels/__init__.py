"""Tables about labels: all models side by side, label by label, and how far models agree."""
