"""The version of Model Lab."""

VERSION = "0.1.0"
