"""The stage that lays the scores of all models side by side: tables and submission files."""
