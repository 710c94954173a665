"""Tell what did not pass the audits; with `strict`, end with an error."""

from job import recorded_log

with recorded_log(snakemake):
    import logging
    from pathlib import Path

    from modellab.core.errors import InputError
    from modellab.evaluation.audit.table import read_troubles

    found = []
    for table, page in zip(snakemake.input.tables, snakemake.input.pages, strict=True):
        for row in read_troubles(Path(table)).to_dict("records"):
            found.append(row)
            logging.getLogger("audit").warning(
                "%s: %s: %s (%s)", row["system"], row["check"], row["message"], row["status"]
            )
        logging.getLogger("audit").info("all checks: %s", page)
    if found and snakemake.params.strict:
        raise InputError(
            f"{len(found)} checks of the audit did not pass (`audit: strict: true`); see "
            + ", ".join(snakemake.input.pages)
        )
