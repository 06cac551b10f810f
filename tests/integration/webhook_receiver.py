"""A receiver of webhooks that checks signatures as docs/webhooks.md says, and misbehaves when asked.

Usage: webhook_receiver.py KEYS_FILE [--tls CERTIFICATE KEY] [ANSWER...]

Prints its port, then a line of JSON for each request. KEYS_FILE is read anew each time: the secret
(whsec_...) and the public key (whpk_...), a line each. The requests are answered one after the other by
ANSWER (a status code, hang, drip, body, huge, redirect, close), and by 204 behind the last one.
"""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import sys
import threading
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_SECONDS = 5 * 60


def verified(headers, body, secret, public_key):
    """Which kinds of signature of a request are right."""
    if abs(time.time() - int(headers["webhook-timestamp"])) > TOLERANCE_SECONDS:
        return []
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = []
    for signature in headers["webhook-signature"].split(" "):
        kind, _, text = signature.partition(",")
        value = base64.b64decode(text, validate=True)
        if kind == "v1":
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
            if hmac.compare_digest(hmac.new(key, content, hashlib.sha256).digest(), value):
                right.append(kind)
        elif kind == "v1a":
            key = base64.b64decode(public_key.removeprefix("whpk_"), validate=True)
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(value, content)
                right.append(kind)
            except InvalidSignature:
                pass
    return right


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    keys_file = ""
    answers = []
    turn = threading.Lock()

    def log_message(self, *_):
        pass

    def note(self, body):
        try:
            with open(self.keys_file, encoding="ascii") as file:
                secret, public_key = file.read().split()
            right = verified(self.headers, body, secret, public_key)
        except (OSError, ValueError, KeyError):
            right = None
        line = {
            "path": self.path,
            "id": self.headers.get("webhook-id"),
            "type": self.headers.get("content-type"),
            "verified": right,
            "body": body.decode(),
        }
        print(json.dumps(line), flush=True)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with Receiver.turn:
            self.note(body)
            answer = Receiver.answers.pop(0) if Receiver.answers else "204"
        try:
            self.answer(answer)
        except OSError:
            self.close_connection = True

    def answer(self, answer):
        if answer == "hang":
            threading.Event().wait()
        elif answer == "close":
            self.close_connection = True
        elif answer == "drip":  # slow loris: a header that never ends
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                self.wfile.write(b"a")
                time.sleep(0.05)
        elif answer == "body":  # the same, in the body
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                self.wfile.write(b"a")
                time.sleep(0.05)
        elif answer == "huge":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while True:
                self.wfile.write(b"a" * 65536)
        elif answer == "redirect":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send_response(int(answer))
            if answer != "204":
                self.send_header("Content-Length", "0")
            self.end_headers()


def main(arguments):
    Receiver.keys_file = arguments.pop(0)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    if arguments[:1] == ["--tls"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments[1], arguments[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        del arguments[:3]
    Receiver.answers = arguments
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
