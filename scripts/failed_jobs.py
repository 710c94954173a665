"""What failed is made by the next run, also where all that is made of it is still there."""

from pathlib import Path


def forget_failed(workflow):
    """Take back what Snakemake noted of jobs that failed.

    It notes inputs and settings as if they had been used, and deletes the output; where all that
    is made of that output is there (of inputs before), the next run would find nothing to do.
    """
    notes = workflow.persistence
    for job in workflow.dag.needrun_jobs():
        for path in job.output:
            note = notes.metadata(path)
            if note is not None and not Path(path).exists():
                note.params, note.input_checksums = ["failed"], None
                notes._write_record(notes._get_key(path), note)
