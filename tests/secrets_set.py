"""Every secret of docs/security.md, set; and a server that refuses whoever shows one, and says what it was shown."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb

#: What each secret is, by what has it; none is part of another.
SECRETS = {
    name: f"s3cr3t0f{name}"
    for name in [
        "TheSource",
        "TheBearer",
        "TheHook",
        "TheMailbox",
        "ThePing",
        "TheBucket",
        "TheLakehouse",
        "TheDataset",
        "TheReaders",
        "TheMetrics",
        "TheLineage",
        "TheFernetKey",
        "TheSession",
        "TheTokens",
        "TheDatabase",
    ]
}


@contextmanager
def refusing(shown: list[bytes] | None = None) -> Iterator[str]:
    """A server that answers 403 to all that it is asked, with what it was shown in the body; gives its address.

    Args:
        shown: what was sent to it is added there.
    """

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not (self.raw_requestline and self.parse_request()):
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if shown is not None:
                shown.append(body)
            said = f"<Error><Code>Refused</Code><Message>{self.path} {self.headers}</Message></Error>".encode() + body
            self.send_response(403)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def everything(services: str, public: Path) -> dict[str, str]:
    """An environment with each secret set.

    Args:
        services: the address of all that is told, asked and written to.
        public: the folder that releases are put in.
    """
    host = services.removeprefix("http://")
    return {
        "ANQ_NOTIFY": f"json://{host}/{SECRETS['TheHook']} "
        f"mailto://anq:{SECRETS['TheMailbox']}@127.0.0.1:1?mode=insecure&from=anq@example.fr&to=a@example.fr",
        "ANQ_PING": f"{services}/{SECRETS['ThePing']}",
        "ANQ_PUBLISH": str(public),
        "ANQ_PUBLISH_URL": "https://data.example.fr/anq",
        "ANQ_LAKEHOUSE": f"ducklake:postgres:host=127.0.0.1 port=1 password={SECRETS['TheLakehouse']} dbname=x",
        "ANQ_DATAGOUV_KEY": SECRETS["TheDataset"],
        "ANQ_DATAGOUV_RESOURCE": "dataset/resource",
        "ANQ_DATAGOUV_API": services,
        "ANQ_TOKEN": SECRETS["TheReaders"],
        "AWS_ENDPOINT_URL": services,
        "AWS_ACCESS_KEY_ID": "who",
        "AWS_SECRET_ACCESS_KEY": SECRETS["TheBucket"],
        "AWS_REGION": "us-east-1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": services,
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={SECRETS['TheMetrics']}",
        "OPENLINEAGE_URL": services,
        "OPENLINEAGE_API_KEY": SECRETS["TheLineage"],
        "AIRFLOW__CORE__FERNET_KEY": SECRETS["TheFernetKey"],
        "AIRFLOW__API__SECRET_KEY": SECRETS["TheSession"],
        "AIRFLOW__API_AUTH__JWT_SECRET": SECRETS["TheTokens"],
        "AIRFLOW_DATABASE": f"postgresql+psycopg2://airflow:{SECRETS['TheDatabase']}@postgres/airflow",
    }


def written(folder: Path) -> Iterator[tuple[str, str]]:
    """All that a run wrote, a name and a text each: files as they are, databases row by row too."""
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes().decode(errors="replace")
        if path.suffix == ".duckdb":
            with duckdb.connect(path, read_only=True) as connection:
                named = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name = 'ops'"
                for (table,) in connection.execute(named).fetchall():
                    yield f"{path} {table}", str(connection.execute(f"FROM {table}").fetchall())
        if path.suffix == ".db":
            with closing(sqlite3.connect(path)) as database:
                yield f"{path}, dumped", "\n".join(database.iterdump())


def leaks(texts: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    """Where which secret is."""
    return [(name, secret) for name, text in texts for secret in SECRETS.values() if secret in text]
