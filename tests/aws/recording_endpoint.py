"""A server on loopback that takes down what clients of AWS send, and answers what a test asks for."""

import http.server
import json
import threading
from dataclasses import dataclass, field


@dataclass
class Request:
    """One request, as far as clients may be compared."""

    method: str
    path: str
    target: str
    content_type: str
    body: object
    signed_for: str


@dataclass
class RecordingEndpoint:
    """Answers by operation: the name after the dot of X-Amz-Target."""

    answers: dict
    requests: list = field(default_factory=list)

    def __enter__(self):
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                target = self.headers.get("X-Amz-Target", "")
                # Credential=<key>/<date>/<region>/<service>/aws4_request
                scope = self.headers.get("Authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
                endpoint.requests.append(
                    Request(
                        self.command,
                        self.path,
                        target,
                        self.headers.get("Content-Type", ""),
                        json.loads(body),
                        "/".join(scope[2:4]),
                    )
                )
                status, answer = endpoint.answers.get(target.rpartition(".")[2], (400, {"__type": "UnknownOperation"}))
                payload = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_):
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()

    def take(self):
        """The last request since the last call; those before it were looks before the deed."""
        request = self.requests[-1]
        self.requests.clear()
        return request
