"""The version of Model Lab, as results and pages name it."""

VERSION = "0.1.0"
