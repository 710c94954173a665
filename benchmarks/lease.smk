"""Jobs that take GPUs by the lease, for `benchmarks/lease.py`: several runs share the GPUs."""

JOBS = range(config["jobs"])


rule all:
    input:
        expand("done/{run}/{number}", run=config["run"], number=JOBS),


rule job:
    output:
        "done/{run}/{number}",
    resources:
        gpu=lambda wildcards: 2 if int(wildcards.number) % 3 == 0 else 1,
        attempt=lambda wildcards, attempt: attempt,
    retries: 9
    shell:
        "{config[python]} {config[script]} --job {wildcards.run}-{wildcards.number} "
        "--gpus {resources.gpu} --attempt {resources.attempt} && touch {output}"
