"""What scripts share: this working copy's library, a job's log, keys of jobs that ask or search."""

import sys
from pathlib import Path

# First on the path: also under --sdm conda and in a SLURM job, where nothing is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from modellab.core.job_log import job_log

__all__ = ["asking_of", "job_log", "search_of"]


def asking_of(job):
    """The keys of every job that asks a model (`generation.driver.AskingJob`)."""
    return {
        "journal": Path(job.params.journal),
        "seed": job.params.seed,
        "timeout_seconds": job.resources.timeout_seconds or None,
        "round": job.params.get("round", 0),
        "keep_failed": bool(job.resources.get("keep_failed", 0)),
        "slots_per_gpu": job.resources.get("slots_per_gpu", 1),
    }


def search_of(job):
    """What the jobs `contexts` and `rankings` search for, and in what."""
    from modellab.retrieval import parse_retriever
    from modellab.retrieval.contexts import Search

    members = job.params.members.items()
    return Search(
        retriever=job.wildcards.retriever,
        options=parse_retriever(job.params.options),
        questions=Path(job.input.questions),
        chunks=Path(job.input.chunks),
        seed=job.params.seed,
        indexes={
            name: (parse_retriever(data), Path(folder))
            for (name, data), folder in zip(members, job.input.indexes, strict=True)
        },
        contexts={Path(path).stem: Path(path) for path in job.input.contexts},
        plans=Path(job.input.plans) if job.input.plans else None,
        journals=Path(job.params.journals),
    )


if __name__ == "__main__":
    # any script in a debugger: python -m pdb scripts/job.py matrix dataset=demo
    from modellab.workflow.mock import main

    main(sys.argv[1:])
