"""What every room uses: records, errors, files, text, values, fingerprints."""
