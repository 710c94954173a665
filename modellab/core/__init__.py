"""What every room uses: records, errors, files, text, values, fingerprints.

The records that pass between stages are in `records`; reading and writing files is in `io`.
"""

__all__ = ["errors", "io", "options", "outcomes", "records", "registry", "text", "values"]
