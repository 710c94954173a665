"""The report: one page per dataset that opens from disk, from the ranking down to each answer."""
