"""The task `open_qa`: an answer in free text."""
