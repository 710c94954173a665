import pytest
from api_samples import KEY, Outcome, options, requests
from fault_server import serving

from modellab.models.asking import limits


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing is remembered from test to test, nor left on the machine."""
    monkeypatch.setenv("MODELLAB_CACHE", str(tmp_path / "remembered"))


@pytest.fixture
def keys(monkeypatch, tmp_path):
    """A key of our own, none of the machine's, and no long waits between tries."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "MISTRAL_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEST_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(limits, "FIRST_SECONDS", 0.02)


@pytest.fixture
def run(keys):
    """Ask a server that plays `play(body, number)`; `asked` requests or a list of them."""

    def run(play, asked=1, schema=None, seed=0, **more):
        wanted = requests(asked) if isinstance(asked, int) else asked
        with serving(play) as server:
            with options(server.url, **more).open(seed, schema or {}) as model:
                responses = list(model.answer(wanted))
            assert len(responses) == len(wanted)
            return Outcome(responses, model.report(), server)

    return run
