"""Say what judging would cost, before anything is asked."""

from job import recorded_log

with recorded_log(snakemake):
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from modellab.judging import parse_judge
    from modellab.judging.cost_plan import plan_job, plan_table
    from modellab.judging.judge import JudgeJob

    def files(named):
        return {name: Path(path) for name, path in named.items()}

    jobs = [
        JudgeJob(
            judge=job["judge"],
            dataset=job["dataset"],
            models=job["models"],
            task=job["task"],
            options=parse_judge(job["options"]),
            prompts=list(map(Path, job["prompts"])),
            questions=Path(job["questions"]),
            predictions=files(job["predictions"]),
            contexts=files(job["contexts"]),
            chunks=Path(job["chunks"]) if job["chunks"] else None,
            retrievers=job["retrievers"],
            journal=Path(job["journal"]),
            seed=job["seed"],
        )
        for job in snakemake.params.jobs
    ]
    lines = plan_table([plan_job(job) for job in jobs])
    table = Table(title=f"{len(jobs)} judge jobs; tokens and dollars at most, without asking again")
    for column in lines[-1]:
        table.add_column(
            column.replace("_", " "), justify="left" if len(table.columns) < 2 else "right"
        )
    for line in lines:
        table.add_row(*(line.get(column, "") for column in lines[-1]))
    Console(stderr=True, width=130).print(table)
