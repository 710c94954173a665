"""What every member of every family must do, those of the example package among them."""

import json
import tomllib
from pathlib import Path

import plugged_in
import pytest
from pydantic import TypeAdapter

from modellab.core.metric import undescribed
from modellab.core.registry import OptionsFamily, kinds, load, union
from modellab.evaluation.metrics import added
from modellab.judging import JUDGES
from modellab.models.registry import EMBEDDERS, GENERATORS
from modellab.questions import QUESTION_FORMATS
from modellab.reporting.plots import PLOTS
from modellab.retrieval import RETRIEVERS
from modellab.tasks import TASKS
from modellab.tasks.canonical import CanonicalAnswer, MatrixColumns
from modellab.tasks.scorer import METRICS, Material
from modellab.workflow.exports import EXPORTS

PROMPTS = Path(__file__).parents[1] / "resources" / "prompts"
FAMILIES = (
    *(TASKS, GENERATORS, EMBEDDERS, RETRIEVERS, JUDGES, QUESTION_FORMATS, METRICS, PLOTS),
    EXPORTS,
)
#: what a task cannot be made without
NEEDED = {
    "label": {"labels": ["good", "bad"], "tags": ["x"]},
    "extract": {"record": "schema.json"},
}


@pytest.fixture
def members(monkeypatch):
    """All members of a family by name."""
    monkeypatch.syspath_prepend(plugged_in.SOURCE)
    text = (plugged_in.SOURCE / "pyproject.toml").read_text()
    points = tomllib.loads(text)["project"]["entry-points"]

    def find(family):
        ours = {name: load(value) for name, value in family.builtin.items()}
        return ours | {name: load(value) for name, value in points.get(family.group, {}).items()}

    return find


@pytest.fixture
def tasks(members, tmp_path):
    """The fewest options of each task."""
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    needed = {**NEEDED, "extract": {"record": str(tmp_path / "schema.json")}}
    return [
        options.model_validate({"kind": name, **needed.get(name, {})})
        for name, options in members(TASKS).items()
    ]


def test_members_are_what_their_family_says(members):
    problems = {
        f"{family.name} {name}": problem
        for family in FAMILIES
        for name, member in members(family).items()
        if (problem := family.problem_with(name, member))
    }
    assert problems == {}


def definitions(family, classes):
    """The JSON schemas of these options, and of all options within them, by name."""
    return TypeAdapter(union(family.name, classes, family.key)).json_schema()["$defs"]


def test_options_say_what_they_are(members):
    families = [family for family in FAMILIES if isinstance(family, OptionsFamily)]
    silent = [
        f"{name}: {field}"
        for family in families
        for name, options in definitions(family, members(family).values()).items()
        for field, said in options.get("properties", {}).items()
        if field not in ("kind", "provider") and "description" not in said
    ]
    assert silent == []
    mute = [
        f"{family.name} {name}"
        for family in families
        for name, options in members(family).items()
        if not options.__doc__
    ]
    assert mute == []


def test_tasks_are_read_back_from_plain_data(tasks):
    for task in tasks:
        assert type(task).model_validate(task.model_dump(mode="json")) == task
        assert json.loads(json.dumps(task.cache_key_fields()))["kind"] == task.kind


def test_tasks_have_a_prompt_and_an_answer_that_can_be_compared(tasks):
    for task in tasks:
        assert (PROMPTS / task.prompt).is_file() == task.asks_models, task.kind
        made, canonical = task, load(task.canonical)
        assert isinstance(canonical, CanonicalAnswer)
        assert canonical.field in made.fields
        assert made.answer_schema["type"] == "object"
        blank = canonical.blank()
        assert set(blank) <= set(made.fields)
        assert canonical.is_blank(blank)
        assert canonical.of(blank) == canonical.of(dict(blank))
        assert canonical.text(dict.fromkeys(made.fields, "")) is None
        assert set(canonical.explained(blank, "because")) <= set(made.fields)
        assert task.matrix is None or isinstance(load(task.matrix), MatrixColumns)


def test_scorers_describe_every_column_that_they_write(tasks):
    for task in tasks:
        for options in map(load, task.scorers):
            assert options.task == task.kind
            for kind in kinds(options):
                scorer = options.model_validate({"kind": kind}).make(task, Material((), ()))
                assert scorer.name == kind
                assert scorer.components[-1] == "overall"
                assert scorer.correct is None or scorer.correct in scorer.marks
                assert undescribed([*scorer.marks, *scorer.components], [options.described]) == []


def test_the_sums_of_scorers_give_components_that_they_have(tasks):
    for task in tasks:
        for options in map(load, task.scorers):
            made = options.default()
            scorer = made.make(task, Material((), ()))
            additive = made.additive(task, dict.fromkeys(scorer.marks))
            assert set(additive.means) <= set(scorer.components), task.kind
            assert additive.row_mark in scorer.marks


def test_kinds_of_scorers_are_unique(tasks):
    names = [kind for task in tasks for options in task.scorers for kind in kinds(load(options))]
    assert len(set(names)) == len(names)


def test_plots_have_their_name_and_a_title(members):
    for name, plot in members(PLOTS).items():
        assert plot.name == name
        assert plot.title


def test_metrics_have_a_name_and_a_range(members):
    for name, metric in members(METRICS).items():
        assert metric.name == name
        assert metric.low < metric.high
        assert metric.description.formula and metric.description.range
    assert [one.name for one in added().metrics] == list(METRICS)
