"""How much of the ideal speed the `openai` provider reaches against a slow API.

A server on loopback, in a process of its own, answers each request after 200 ms. 500 requests,
32 at once, take 500 / 32 * 0.2 s at best. Three ways are timed in interleaved rounds: this
project's provider, OpenAI's client under a semaphore, and bare httpx. Then the provider alone,
with a server where one request in ten goes wrong.

    python benchmarks/api.py [--rounds 5]

writes benchmarks/results/api.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


from modellab.core.records import Message, Question, Request, Response  # noqa: E402
from modellab.models.asking.options import OpenAIOptions  # noqa: E402

LATENCY, REQUESTS, AT_ONCE = 0.2, 500, 32
IDEAL = REQUESTS / AT_ONCE * LATENCY
OUT = ROOT / "benchmarks" / "results" / "api.md"

USAGE = {"prompt_tokens": 40, "completion_tokens": 8, "total_tokens": 48}
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "42"}, "finish_reason": "stop"}
GOOD = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [CHOICE]}
GREEDY: dict[str, float] = {"temperature": 0}
FAULTS = {0: 429, 1: 500, 2: None}  # None: the connection is cut


def http(status: int, body: object) -> bytes:
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(data)}\r\n\r\n".encode() + data


async def handle(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, faulty: bool, seen: list[int]
) -> None:
    """Answer the requests of one connection; if faulty, every tenth goes wrong."""
    good = http(200, {**GOOD, "usage": USAGE})
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            if head.startswith(b"GET"):
                writer.write(http(404, {}))
                continue
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            number, seen[0] = seen[0], seen[0] + 1
            await asyncio.sleep(LATENCY)
            answer: bytes | None = good
            if faulty and number % 10 == 5:
                status = FAULTS[number // 10 % 3]
                answer = http(status, {"error": {"message": "wrong"}}) if status else None
            if not answer:
                break
            writer.write(answer)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client has closed
    writer.close()


def serve(faulty: bool, port: multiprocessing.Queue[int]) -> None:
    async def main() -> None:
        seen = [0]
        server = await asyncio.start_server(
            lambda reader, writer: handle(reader, writer, faulty, seen), "127.0.0.1", backlog=256
        )
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def server(faulty: bool) -> Iterator[str]:
    """The base URL of a running server."""
    context = multiprocessing.get_context("spawn")
    port: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=serve, args=(faulty, port), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{port.get()}/v1"
    finally:
        process.terminate()
        process.join()


def requests(number: int) -> list[Request]:
    question = Question("q", "", {}, {}, ())
    messages = (Message("system", "Answer."), Message("user", "What is it? " * 20))
    return [Request(f"{n:064x}", question, "none", 1, (), messages) for n in range(number)]


def ours(url: str, number: int) -> tuple[float, list[Response], dict[str, object]]:
    options = OpenAIOptions(provider="openai", model="m", base_url=url, max_concurrent=AT_ONCE)
    with options.open(0, {}) as model:
        list(model.answer(requests(AT_ONCE)))  # open the connections
        start = time.perf_counter()
        responses = list(model.answer(requests(number)))
        seconds = time.perf_counter() - start
    return seconds, responses, dict(model.report())


async def under_semaphore(
    number: int, ask: Callable[[list[dict[str, str]]], Awaitable[object]]
) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(request: Request) -> None:
        async with places:
            await ask([vars(message) for message in request.messages])

    await asyncio.gather(*[one(request) for request in requests(number)])


async def timed(number: int, ask: Callable[[list[dict[str, str]]], Awaitable[object]]) -> float:
    await under_semaphore(AT_ONCE, ask)
    start = time.perf_counter()
    await under_semaphore(number, ask)
    return time.perf_counter() - start


def bare_client(url: str, number: int) -> float:
    import openai

    async def main() -> float:
        async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

            async def ask(messages: list[dict[str, str]]) -> None:
                await client.chat.completions.create(
                    model="m",
                    messages=messages,  # type: ignore[arg-type]
                    max_tokens=256,
                    temperature=0,
                )

            return await timed(number, ask)

    return asyncio.run(main())


def bare_httpx(url: str, number: int) -> float:
    import httpx

    async def main() -> float:
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE)) as client:

            async def ask(messages: list[dict[str, str]]) -> None:
                body = {"model": "m", "messages": messages, "max_tokens": 256, "temperature": 0}
                (await client.post(f"{url}/chat/completions", json=body)).raise_for_status()

            return await timed(number, ask)

    return asyncio.run(main())


def cpu(run: Callable[[], float]) -> tuple[float, float]:
    """Seconds of a run, and of processor time per request in milliseconds."""
    start = time.process_time()
    seconds = run()
    return seconds, (time.process_time() - start) / (REQUESTS + AT_ONCE) * 1000


def speed_table(rounds: int) -> list[str]:
    ways: dict[str, Callable[[str, int], float]] = {
        "this project": lambda url, number: ours(url, number)[0],
        "OpenAI's client": bare_client,
        "bare httpx": bare_httpx,
    }
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with server(faulty=False) as url:
        ours(url, AT_ONCE)  # imports
        for _ in range(rounds):
            for name, way in ways.items():
                runs[name].append(cpu(partial(way, url, REQUESTS)))
    own = statistics.median(seconds for seconds, _ in runs["this project"])
    lines = [
        "| | median (s) | fastest to slowest (s) | share of the ideal | fastest: share "
        "| against this project | CPU per request (ms) |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, measured in runs.items():
        seconds = [each for each, _ in measured]
        median, fastest = statistics.median(seconds), min(seconds)
        lines.append(
            f"| {name} | {median:.2f} | {fastest:.2f} to {max(seconds):.2f} "
            f"| {IDEAL / median:.0%} | {IDEAL / fastest:.0%} | {median / own:.2f} x "
            f"| {statistics.median(each for _, each in measured):.1f} |"
        )
    return lines


def fault_table(rounds: int) -> list[str]:
    lines = [
        "| round | seconds | rows | answered | requests sent | failed attempts | lowest "
        "concurrency | against the ideal |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for number in range(1, rounds + 1):
        with server(faulty=True) as url:
            seconds, responses, report = ours(url, REQUESTS)
        answered = Counter(response.error_class for response in responses)[None]
        lines.append(
            f"| {number} | {seconds:.2f} | {len({r.key for r in responses})} | {answered} "
            f"| {report['requests_sent']} | {_counts(report['failed_attempts'])} "
            f"| {report['lowest_concurrency']} | {seconds / IDEAL:.2f} x |"
        )
    return lines


def _counts(counts: object) -> str:
    assert isinstance(counts, dict)
    return ", ".join(f"{name} {number}" for name, number in counts.items())


def conditions() -> str:
    from importlib.metadata import version

    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"Python {platform.python_version()}, openai {version('openai')}, {os.cpu_count()} "
        f"cores, load average at the end {load} (1, 5, 15 minutes)."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    lines = [
        "# API speed",
        "",
        f"{REQUESTS} requests, {AT_ONCE} at once, {LATENCY * 1000:.0f} ms each: at best "
        f"{IDEAL:.3f} s. {rounds} interleaved rounds, connections open before the clock starts.",
        "Written by `python benchmarks/api.py`.",
        "",
        *speed_table(rounds),
        "",
        "With one request in ten going wrong (429, 500 and a cut connection in turn; the 429 has "
        "no Retry-After), this project alone. The count of requests sent includes "
        f"{AT_ONCE} before the clock starts.",
        "",
        *fault_table(rounds),
        "",
        conditions(),
    ]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
