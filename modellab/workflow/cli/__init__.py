"""The commands of `modellab`, one file each."""
