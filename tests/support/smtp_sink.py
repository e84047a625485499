#!/usr/bin/python3
"""A mail server for tests: keeps what it gets, or misbehaves as asked. Needs Debian's python3-aiosmtpd.

    smtp_sink.py --folder FOLDER [--port PORT] [--mode ok|hang|451|550]

Prints its port on 127.0.0.1 once it listens, and stops on SIGTERM or when its stdin, a pipe, is
closed: so it never outlives the test that started it.
Each mail becomes FOLDER/0001.eml and so on, then one line in FOLDER/mails.jsonl.
The file FOLDER/mode, if there, holds the mode to use from now on. For a server that
refuses connections, start none.
"""

import argparse
import asyncio
import email
import email.policy
import json
import pathlib
import signal
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session

ANSWERS = {"451": "451 Try again later", "550": "550 No such person here"}


class Sink:
    def __init__(self, folder: pathlib.Path, mode: str):
        self.folder, self.default = folder, mode
        self.count = len(list(folder.glob("*.eml")))

    @property
    def mode(self) -> str:
        wish = self.folder / "mode"
        return wish.read_text().strip() if wish.exists() else self.default

    async def handle_EHLO(self, server, session: Session, envelope, hostname, responses):
        if self.mode == "hang":
            await asyncio.sleep(3600)
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server, session: Session, envelope: Envelope) -> str:
        if self.mode == "hang":
            await asyncio.sleep(3600)
        if self.mode in ANSWERS:
            return ANSWERS[self.mode]
        self.count += 1
        name = f"{self.count:04}.eml"
        (self.folder / name).write_bytes(envelope.original_content)
        line = json.dumps({"file": name, **describe(envelope)})
        with (self.folder / "mails.jsonl").open("a") as listing:
            listing.write(line + "\n")
        return "250 Kept"


def describe(envelope: Envelope) -> dict:
    mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": [[name, str(value)] for name, value in mail.items()],
        "subject": str(mail["subject"]),
        "message_id": str(mail["message-id"]),
        "parts": [
            {
                "type": part.get_content_type(),
                "method": part.get_param("method"),
                "file_name": part.get_filename(),
                "text": text_of(part),
            }
            for part in leaves
        ],
    }


def text_of(part) -> str:
    content = part.get_content()
    return content.decode() if isinstance(content, bytes) else content


async def serve(folder: pathlib.Path, port: int, mode: str) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    sink = Sink(folder, mode)
    server = await loop.create_server(
        lambda: SMTP(sink, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port
    )
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin, lambda: sys.stdin.buffer.read1(4096) or stop.set())
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mode", choices=["ok", "hang", *ANSWERS], default="ok")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(args.folder, args.port, args.mode))


if __name__ == "__main__":
    main()
