"""A result of other inputs or settings is made again, whatever Snakemake's own notes say."""

import os
import shutil
import time

import pytest

pytestmark = pytest.mark.workflow
RARE, PUBLISHED = "results/quiz/scores/rare.json", "results/quiz/scores/published.json"
PREDICTION = "results/quiz/predictions/published.jsonl"


@pytest.fixture
def scored(new_project, tmp_path):
    project = new_project(tmp_path / "clone", with_code=True)
    text = project.path("config.yaml").read_text()
    before, after = text.split("retrievers:\n", 1)
    models = after[after.index("models:\n") :].replace("[oracle]", "[none]")
    text = f"{before}retrievers:\n  none: {{kind: none}}\n{models}"
    project.path("config.yaml").write_text(text)
    run = project.run(RARE, PUBLISHED)
    assert run.code == 0, run.text
    return project


def test_whatever_snakemake_noted(scored):
    # as in a copy of the results, or in another working folder
    shutil.rmtree(scored.path(".snakemake"))
    scored.edit("config.yaml", "threshold: 0.2, threads", "threshold: 0.3, threads")
    later = time.time() + 10_000
    os.utime(scored.path(PUBLISHED), (later, later))
    run = scored.run(RARE, PUBLISHED, "-n")
    # a target that does not need it is not made; a dry run changes nothing, not even a date
    assert run.jobs() == {"predictions_local": 1, "scores": 1}
    assert "Stale: results/quiz/predictions/rare.jsonl: other options than its record" in run.text
    assert scored.path(PUBLISHED).stat().st_mtime > time.time()

    # a job fails, and no hook of the run's end has its turn: the run was killed
    common = scored.path("rules/common.smk")
    common.write_text(common.read_text().split("onsuccess:")[0])
    good = scored.path("published.csv").read_text()
    scored.edit("rules/generation.smk", '"../scripts/predictions.py"', '"../scripts/broken.py"')
    broken = "from job import run\n\n\ndef broken():\n    pass\n\n\nrun(broken, snakemake)\n"
    scored.path("scripts/broken.py").write_text(broken)
    scored.path("published.csv").write_text(good.replace("1287", "1288"))
    assert scored.run(PUBLISHED).code == 1
    assert not scored.path(PREDICTION).exists()
    scored.edit("rules/generation.smk", '"../scripts/broken.py"', '"../scripts/predictions.py"')
    run = scored.run(PUBLISHED, "-n")
    assert run.jobs() == {"predictions_local": 1, "scores": 1}
    assert f"Stale: {PREDICTION}: its job did not finish" in run.text
