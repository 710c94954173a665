"""3,000 calls of which one in ten goes wrong, in eight ways: what is lost, doubled or changed.

A server on loopback, in a process of its own, answers each request after 200 ms with a number that
only this request has. Faults come the first time that a request is sent.

    python benchmarks/faults.py [--calls 3000]

writes benchmarks/results/faults.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from modellab.core.records import Message, Question, Request  # noqa: E402
from modellab.models.asking.options import OpenAIOptions  # noqa: E402

LATENCY, AT_ONCE, TIMEOUT = 0.2, 32, 3.0
OUT = ROOT / "benchmarks" / "results" / "faults.md"
WRONG = {"error": {"message": "it went wrong", "type": "some_type", "code": "some_code"}}
PAUSE = "429 with Retry-After"
KINDS = (
    "429", PAUSE, "500", "503", "cut within the body", "later than the limit",
    "no JSON", "no choices",
)  # fmt: skip


def http(status: int, body: bytes, head: str = "") -> bytes:
    start = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{head}"
    return f"{start}content-length: {len(body)}\r\n\r\n".encode() + body


def answer_to(number: int) -> str:
    return f"The answer to {number} is {number * 7}."


def reply(number: int, kind: str | None) -> bytes:
    message = {"role": "assistant", "content": answer_to(number)}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    good = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    whole = http(200, json.dumps(good).encode())
    wrong = json.dumps(WRONG).encode()
    return {
        "429": http(429, wrong),
        PAUSE: http(429, wrong, "retry-after: 1\r\n"),
        "500": http(500, wrong),
        "503": http(503, wrong),
        "cut within the body": whole[:-20],
        "no JSON": http(200, b'{"id": "x", "choices": ['),
        "no choices": http(200, json.dumps({**good, "choices": []}).encode()),
    }.get(kind or "", whole)


async def handle(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Counter[int]
) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            if head.startswith(b"GET"):  # which models there are
                writer.write(http(404, b"{}"))
                continue
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            found = re.search(rb"number (\d+)", await reader.readexactly(length))
            number = int(found[1]) if found else 0
            seen[number] += 1
            faulty = number % 10 == 5 and seen[number] == 1
            kind = KINDS[number // 10 % len(KINDS)] if faulty else None
            await asyncio.sleep(2 * TIMEOUT if kind == "later than the limit" else LATENCY)
            writer.write(reply(number, kind))
            if kind == "cut within the body":
                await writer.drain()
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client has closed
    writer.close()


def serve(port: multiprocessing.Queue[int]) -> None:
    async def main() -> None:
        seen: Counter[int] = Counter()
        server = await asyncio.start_server(
            lambda reader, writer: handle(reader, writer, seen), "127.0.0.1", backlog=256
        )
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def measure(calls: int) -> list[str]:
    context = multiprocessing.get_context("spawn")
    port: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=serve, args=(port,), daemon=True)
    process.start()
    options = OpenAIOptions(
        provider="openai", model="m", base_url=f"http://127.0.0.1:{port.get()}/v1",
        max_concurrent=AT_ONCE, timeout_seconds=TIMEOUT,
    )  # fmt: skip
    question = Question("q", "", {}, {}, ())
    asked = [
        Request(f"{n:064x}", question, "none", 1, (), (Message("user", f"number {n}"),))
        for n in range(calls)
    ]
    try:
        with options.open(0, {}) as model:
            start, cpu = time.perf_counter(), time.process_time()
            responses = list(model.answer(asked))
            seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
            report = model.report()
    finally:
        process.terminate()
        process.join()
    pauses = sum(n % 10 == 5 and KINDS[n // 10 % len(KINDS)] == PAUSE for n in range(calls))
    ideal = calls / AT_ONCE * LATENCY + pauses
    texts = {response.key: response.text for response in responses}
    rows = {
        "rows": len(responses),
        "lost": calls - len(texts),
        "doubled": len(responses) - len(texts),
        "failed": sum(response.error_class is not None for response in responses),
        "with another answer": sum(
            texts.get(request.key) != answer_to(n) for n, request in enumerate(asked)
        ),
        "requests sent": report["requests_sent"],
        "failed attempts": ", ".join(f"{k} {v}" for k, v in report["failed_attempts"].items()),
        "lowest concurrency": report["lowest_concurrency"],
        "seconds": f"{seconds:.1f}",
        "against the ideal": f"{seconds / ideal:.2f} x of {ideal:.1f} s",
        "CPU seconds": f"{cpu:.1f}",
    }
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=3000)
    calls = parser.parse_args().calls
    table = measure(calls)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [
        f"# {calls:,} calls, one in ten of which goes wrong",
        "",
        f"Faults in turn: {', '.join(KINDS)} ({TIMEOUT:g} s). {AT_ONCE} at once, "
        f"{LATENCY * 1000:.0f} ms each. Targets: none lost, doubled or answered otherwise; at most "
        "1.5 of the ideal time (that without faults, and a second for each Retry-After). "
        "Made by `python benchmarks/faults.py`.",
        "",
        *table,
        "",
        f"{os.cpu_count()} cores, load average {load} (1, 5, 15 minutes).",
    ]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
