"""The limit of ``serve.py``: a bare ASGI route on the same server, which answers the same number of bytes and does nothing else.

It reads the body of a request, and sends what stands in a file: for a GET the first answer, for a POST the second.

    python benchmarks/serve_peer.py FILE          FILE: two answers, MessagePack
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvicorn


def main() -> None:
    read, written = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=tuple[bytes, bytes])

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        body = read
        if scope["method"] == "POST":
            while (await receive()).get("more_body"):
                pass
            body = written
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(answer, lifespan="off", log_config=None, log_level="critical", access_log=False)
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        print(f"http://127.0.0.1:{listening.getsockname()[1]}/", file=sys.stderr, flush=True)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
