"""Keys of many kinds in every role, and a server that repeats them: no file and no line has one."""

import base64
import html
import json
from urllib.parse import quote

import fault_server
import pytest

pytestmark = pytest.mark.workflow
KEYS = {
    "plain": "sk-plain0123456789",
    "marks": 'quote"back\\slash/and+plus=0123',
    "base64": "QUJDREVGMDEyMzQ1Njc4OQ==",
    "short": "s1x-ch",
    "planner": "with'apostrophe-0123",
    "embedder": "per%20cent&amp-0123",
    "judge": "<b>angle-0123</b>",
    "refused": "space in it 0123",
    "newline": "new\nline-0123",
    "unicode": "\u00fcml\u00e4ut-\u20ac-0123",
}
ASKED = ("plain", "marks", "base64", "short")
FAILING = ("refused", "newline", "unicode")
PASSWORD = "hunter2planted"
API = "model: {}, api_key_env: PLANTED_{}, base_url_env: PLANTED_URL, max_retries: 0"


def api(name, model):
    provider = "litellm" if name == "marks" else "openai"
    model = f"openai/{model}" if provider == "litellm" else model
    return f"provider: {provider}, {API.format(model, name.upper())}"


def config(models, more=""):
    entries = "".join(f"  {name}: {{{api(name, f'm-{name}')}}}\n" for name in models)
    return f"""\
seed: 1
corpora:
  notes: {{path: notes}}
datasets:
  quiz: {{corpus: notes, questions: quiz.csv}}
embedders:
  far: {{kind: openai, {API.format("e", "EMBEDDER")}}}
retrievers:
  bm25: {{kind: bm25, top_k: 2}}
  dense: {{kind: dense, embedder: far, top_k: 2}}
  split: {{kind: query_decomposition, of: bm25, model: planner, per_query: 1, top_k: 2}}
models:
  planner: {{{api("planner", "planner")}, enabled: false}}
{entries}judges:
  strict: {{kind: rubric, metrics: [correctness], models: [marks], model: {{{api("judge", "j")}}}}}
plots: [overall_ranking]
{more}"""


def written(key):
    """A key in the forms in which servers, clients and files write it."""
    data = key.encode()
    return {
        key,
        json.dumps(key)[1:-1],
        json.dumps(key)[1:-1].replace("/", "\\/"),
        repr(key)[1:-1],
        repr(data)[2:-1],
        quote(key, safe=""),
        html.escape(key),
        base64.b64encode(data).decode().rstrip("="),
    }


class Echo:
    """Repeats the key of each request: in answers, in errors, in the model's name."""

    server = None

    def __call__(self, body, number):
        said = self.server.headers[number]["authorization"].removeprefix("Bearer ")
        echoed = " | ".join(sorted(written(said)))
        if said == KEYS["refused"]:
            return fault_server.bad(401, f"Incorrect API key provided: {echoed}")
        if "input" in body:
            return self.vectors(body, number, echoed)
        if number % 4 == 1:
            return fault_server.bad(400, f"bad request with {echoed}")
        fields = {"score": 3, "reason": echoed, "queries": ["energy"]}
        if body["model"].startswith("m-"):
            fields = {"answer_value": "232", "ref_id": ["meena"], "explanation": echoed}
        text = json.dumps(fields) if number % 4 else f"<think>{echoed}</think>{json.dumps(fields)}"
        play = fault_server.good(text)
        play.body["model"] = said
        return play

    def vectors(self, body, number, echoed):
        if len(body["input"]) == 1 and number % 2:
            return fault_server.bad(500, f"try again: {echoed}")
        rows = [
            {"object": "embedding", "index": at, "embedding": [1.0, len(text) % 7, at % 3]}
            for at, text in enumerate(body["input"])
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return fault_server.Play(
            body={"object": "list", "data": rows, "model": echoed, "usage": usage}
        )


def test_no_key_is_left_anywhere(project, monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(f"PLANTED_{name.upper()}", key)
    echo = Echo()
    with fault_server.serving(echo) as echo.server:
        monkeypatch.setenv("PLANTED_URL", echo.server.url)
        project.path("config.yaml").write_text(config(ASKED))
        good = project.run("all", "judge")
        assert good.code == 0, good.text
        asked = {head["authorization"].removeprefix("Bearer ") for head in echo.server.headers}
        assert asked == {KEYS[name] for name in (*ASKED, "planner", "embedder", "judge")}
        # echoed keys are replaced, the rest of the text is kept
        assert "[secret]" in project.path("results/quiz/predictions/plain.jsonl").read_text()

        text = config((*ASKED, *FAILING), "databases:\n  desk: {url_env: PLANTED_DATABASE}\n")
        rows = "{database: desk, query: 'SELECT 1 AS id, 2 AS text'}"
        text = text.replace("corpora:\n", f"corpora:\n  rows: {{sql: {rows}}}\n")
        project.path("config.yaml").write_text(text)
        monkeypatch.setenv("PLANTED_DATABASE", f"postgresql://me:{PASSWORD}@127.0.0.1:1/d")
        # a model that gave no answer has failed, whether failed rows are kept or not
        kept = ("--config", "retry_failed=false")
        bad = project.run("results/corpora/rows/chunks.jsonl", "all", *kept)
        assert bad.code == 1
        for name in FAILING:
            assert f"FAILED results/quiz/predictions/{name}.jsonl" in bad.text, bad.text
            assert not project.path(f"results/quiz/predictions/{name}.jsonl").exists()
        [refused] = [
            line for line in bad.text.splitlines() if "predictions/refused.jsonl: " in line
        ]
        assert ": auth: " in refused
        assert "Incorrect API key provided: " in refused
        assert "0 of 18 answers exist and are kept: fix this and run the same" in refused
        assert "FAILED results/databases/desk" in bad.text

    hidden = {form for key in (*KEYS.values(), PASSWORD) for form in written(key)}
    texts = {"terminal": (good.text + bad.text).encode()}
    texts |= {str(p): p.read_bytes() for p in project.folder.rglob("*") if p.is_file()}
    found = [(name, key) for name, text in texts.items() for key in hidden if key.encode() in text]
    assert found == []
