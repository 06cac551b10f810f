#!/usr/bin/env python3
"""Verifies what a Rollcall ledger has signed, without the ledger and without a network.

A second verifier, written from the specifications and not from the C++ one: RFC 6962, RFC 9162
(sections 2.1.3.2 and 2.1.4.2), C2SP signed-note, tlog-checkpoint, tlog-proof and tlog-witness, and
service/proof/FORMAT.md, which says what a leaf is. The two are tested against each other.

It needs Python 3.9 or later and, for Ed25519, the package python3-cryptography.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.stderr.write("rollcall_verify: python3-cryptography is missing; on Debian:\n"
                     "  apt-get install python3-cryptography\n")
    sys.exit(2)

MAX_HASHES = 63
MAX_NOTE = 128 * 1024
MAX_SIGNATURES = 64
MAX_RECEIPT = 192 * 1024
MAX_BODY = 32 * 1024
MAX_NUMBER = 2**64 - 1


class Refused(Exception):
    """What was given does not verify. The message says what is wrong with it."""


class Unusable(Exception):
    """There is nothing to verify: a file or a key that cannot be read."""


# ---- RFC 6962 and RFC 9162

def sha256(data):
    return hashlib.sha256(data).digest()


EMPTY_ROOT = sha256(b"")


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def verify_inclusion(index, size, leaf, proof, root):
    """RFC 9162, 2.1.3.2."""
    if len(proof) > MAX_HASHES:
        raise Refused("more than 63 hashes in a proof")
    if index >= size:
        raise Refused("the leaf's number is not in the tree")
    fn, sn = index, size - 1
    r = leaf
    for p in proof:
        if sn == 0:
            raise Refused("the inclusion proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    if sn != 0:
        raise Refused("the inclusion proof is too short")
    if r != root:
        raise Refused("the inclusion proof leads to another root")


def verify_consistency(first, second, first_root, second_root, proof):
    """RFC 9162, 2.1.4.2, and what it leaves open: an old tree of 0 leaves, and equal sizes."""
    if len(proof) > MAX_HASHES:
        raise Refused("more than 63 hashes in a proof")
    if first > second:
        raise Refused("the old tree is larger than the new one")
    if first == 0 and first_root != EMPTY_ROOT:
        raise Refused("an empty tree has no such root")
    if first == second:
        if proof:
            raise Refused("a proof between equal sizes is empty")
        if first_root != second_root:
            raise Refused("two roots for one size")
        return
    if first == 0:
        if proof:
            raise Refused("a proof from the empty tree is empty")
        return
    if not proof:
        raise Refused("the consistency proof is too short")
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise Refused("the consistency proof is too long")
        if fn & 1 or fn == sn:
            fr = node_hash(c, fr)
            sr = node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(sr, c)
        fn >>= 1
        sn >>= 1
    if sn != 0:
        raise Refused("the consistency proof is too short")
    if fr != first_root or sr != second_root:
        raise Refused("the consistency proof leads to other roots")


# ---- Encodings: each value has one text

def from_base64(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise Refused("not base 64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise Refused("base 64 with bits set behind the end")
    return data


def hash_from_base64(text):
    data = from_base64(text)
    if len(data) != 32:
        raise Refused("a hash has 32 bytes")
    return data


def from_decimal(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,19}", text, re.ASCII) or int(text) > MAX_NUMBER:
        raise Refused("not a decimal number below 2^64 without leading zeros")
    return int(text)


def take_line(text):
    line, feed, rest = text.partition("\n")
    if not feed:
        raise Refused("a line has no end")
    return line, rest


def take_hashes(text):
    hashes = []
    while True:
        line, text = take_line(text)
        if not line:
            return hashes, text
        if len(hashes) == MAX_HASHES:
            raise Refused("more than 63 hashes in a proof")
        hashes.append(hash_from_base64(line))


def to_text(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None


# ---- Keys and signed notes

def check_name(name):
    if not name or "+" in name or any(c.isspace() or ord(c) < 0x20 or c == "\x7f" for c in name):
        raise Refused("not a name for a key")
    if len(name.encode("utf-8")) > 255:
        raise Refused("the name of a key has at most 255 bytes")


class VerifierKey:
    """NAME+8 hexadecimal digits+BASE64(0x01 || public key)."""

    def __init__(self, text):
        parts = text.split("+", 2)  # base 64 has plus signs of its own
        if len(parts) != 3 or not re.fullmatch(r"[0-9a-f]{8}", parts[1], re.ASCII):
            raise Refused("a verifier key looks like NAME+8 hexadecimal digits+BASE64")
        self.name = parts[0]
        check_name(self.name)
        typed = from_base64(parts[2])
        if len(typed) != 33 or typed[0] != 1:
            raise Refused("not an Ed25519 key")
        self.id = sha256(self.name.encode("utf-8") + b"\n" + typed)[:4]
        if self.id.hex() != parts[1]:
            raise Refused("the key's id does not belong to its name and bytes: mistyped?")
        try:
            self._key = Ed25519PublicKey.from_public_bytes(typed[1:])
        except ValueError:
            raise Refused("not an Ed25519 key") from None

    def verify(self, message, signature):
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            raise Refused("a signature in the name of the ledger's key does not verify") from None


def parse_note(data):
    """Returns the text and [(name, id, signature)] of a signed note, none of it to be believed."""
    if len(data) > MAX_NOTE:
        raise Refused("a note has at most 128 KiB")
    text = to_text(data)
    if any(ord(c) < 0x20 and c != "\n" for c in text):
        raise Refused("a note holds no control characters")
    divide = text.rfind("\n\n")
    if divide < 0:
        raise Refused("the empty line before the signatures is missing")
    body, rest = text[:divide + 1], text[divide + 2:]
    signatures = []
    while rest:
        line, rest = take_line(rest)
        if len(signatures) == MAX_SIGNATURES:
            raise Refused("a note has at most 64 signatures")
        parts = line.split(" ", 2)
        if len(parts) != 3 or parts[0] != "\u2014":
            raise Refused("a signature line is: em dash, space, key name, space, base 64")
        check_name(parts[1])
        blob = from_base64(parts[2])
        if len(blob) < 5:
            raise Refused("a signature is too short")
        signatures.append((parts[1], blob[:4], blob[4:]))
    if not signatures:
        raise Refused("the note has no signature")
    return body, signatures


class Checkpoint:
    def __init__(self, data, key):
        """The checkpoint in the bytes of a signed note, if it is `key`'s log and signed by it."""
        text, signatures = parse_note(data)
        self.origin, rest = take_line(text)
        size, rest = take_line(rest)
        root, rest = take_line(rest)
        if not self.origin:
            raise Refused("the origin is empty")
        self.size = from_decimal(size)
        self.root = hash_from_base64(root)
        while rest:
            line, rest = take_line(rest)
            if not line:
                raise Refused("an extension line is empty")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise Refused("an empty tree has no such root")
        if self.origin != key.name:
            raise Refused("the checkpoint is of another log than the key")
        mine = [s for name, key_id, s in signatures if name == key.name and key_id == key.id]
        if not mine:
            raise Refused("not signed by the ledger's key")
        for signature in mine:
            key.verify(text.encode("utf-8"), signature)


# ---- Rollcall's rows and files (service/proof/FORMAT.md)

def row_leaf_hash(seq, row_format, salt, body):
    commitment = sha256(b"rollcall row commitment 1\0" + salt + body)
    data = (b"rollcall row 1\0" + seq.to_bytes(8, "big") + row_format.to_bytes(4, "big") +
            commitment)
    return sha256(b"\x00" + data)


def verify_receipt(data, key):
    """Returns (seq, format, body, checkpoint)."""
    if len(data) > MAX_RECEIPT:
        raise Refused("a receipt has at most 192 KiB")
    text = to_text(data)
    first, text = take_line(text)
    if first != "c2sp.org/tlog-proof@v1":
        raise Refused("a receipt begins with the line c2sp.org/tlog-proof@v1")
    extra, text = take_line(text)
    if not extra.startswith("extra "):
        raise Refused('the line "extra ..." is missing')
    opening = from_base64(extra[len("extra "):])
    if not 28 < len(opening) <= 28 + MAX_BODY:
        raise Refused('the line "extra ..." does not hold a row')
    seq = int.from_bytes(opening[:8], "big")
    row_format = int.from_bytes(opening[8:12], "big")
    salt, body = opening[12:28], opening[28:]
    index_line, text = take_line(text)
    if not index_line.startswith("index "):
        raise Refused('the line "index ..." is missing')
    index = from_decimal(index_line[len("index "):])
    if seq == 0 or index != seq - 1:
        raise Refused("the index is not that of the row")
    proof, text = take_hashes(text)
    checkpoint = Checkpoint(text.encode("utf-8"), key)
    verify_inclusion(index, checkpoint.size, row_leaf_hash(seq, row_format, salt, body), proof,
                     checkpoint.root)
    return seq, row_format, body, checkpoint


def verify_update(old, data, key):
    """`data` goes on from the checkpoint `old`; returns the new one."""
    if len(data) > MAX_NOTE + 45 * MAX_HASHES + 64:
        raise Refused("the file is too large")
    old_line, text = take_line(to_text(data))
    if not old_line.startswith("old "):
        raise Refused('the line "old SIZE" is missing')
    old_size = from_decimal(old_line[len("old "):])
    proof, text = take_hashes(text)
    new = Checkpoint(text.encode("utf-8"), key)
    if old_size != old.size:
        raise Refused("the proof begins at size %d, the old checkpoint has %d"
                      % (old_size, old.size))
    verify_consistency(old.size, new.size, old.root, new.root, proof)
    return new


# The fields of a row of format 1 (service/ledger/FORMAT.md), for people to read.
FIELDS = {
    1: "row kind", 2: "organisation", 3: "id", 4: "event kind", 5: "activity", 6: "session",
    7: "volunteer key", 8: "post", 9: "capture time", 10: "record time", 11: "evidence",
    12: "proofs", 13: "source", 14: "kiosk", 15: "recorder", 16: "practice", 17: "token id",
    18: "second token id", 19: "request id", 20: "payload hash", 21: "reverses",
    22: "session starts", 23: "session ends", 30: "in event", 31: "out event", 32: "minutes",
    33: "policy name", 34: "policy version", 35: "policy hash", 36: "in evidence",
    37: "out evidence", 38: "reversal event", 40: "policy text",
}


def printable(text):
    """Somebody else's text, harmless on a terminal."""
    return "".join(c if c.isprintable() else "\\u%04x" % ord(c) for c in text)


def show_body(body):
    """Lines "name: value" of a body's fields; what is not understood is shown in hexadecimal."""
    lines = []
    at = 0
    while at < len(body):
        length = int.from_bytes(body[at + 2:at + 6], "big")
        value = body[at + 6:at + 6 + length]
        if len(body) < at + 6 or len(value) != length:
            lines.append("  (rest): " + body[at:].hex())
            break
        number, kind = body[at], body[at + 1]
        if kind == 1 and length == 8:
            shown = str(int.from_bytes(value, "big", signed=True))
        elif kind == 2:
            shown = printable(value.decode("utf-8", "replace"))
        else:
            shown = value.hex()
        lines.append("  %s: %s" % (FIELDS.get(number, "field %d" % number), shown))
        at += 6 + length
    return lines


# ---- The program

def read_file(path, limit=MAX_RECEIPT + 1):
    try:
        with open(path, "rb") as file:
            return file.read(limit)
    except OSError as error:
        raise Unusable("%s: %s" % (path, error.strerror or error)) from None


def load_key(options):
    if options.key is None and options.key_file is None:
        raise Unusable("give the ledger's verifier key with --key or --key-file")
    try:
        if options.key_file is not None:
            return VerifierKey(to_text(read_file(options.key_file, 1024)).strip())
        return VerifierKey(options.key)
    except Refused as error:
        raise Unusable("the verifier key: %s" % error) from None


def describe(checkpoint):
    return "%s, %d rows, root %s" % (printable(checkpoint.origin), checkpoint.size,
                                     checkpoint.root.hex())


def of_file(path, verify):
    """What `verify` says of the file; a refusal names it."""
    data = read_file(path)
    try:
        return verify(data)
    except Refused as error:
        raise Refused("%s: %s" % (path, error)) from None


def run_receipt(options):
    key = load_key(options)
    for path in options.files:
        seq, row_format, body, checkpoint = of_file(path, lambda d: verify_receipt(d, key))
        print("%s: row %d (format %d) is in the ledger %s"
              % (path, seq, row_format, describe(checkpoint)))
        if options.show:
            if row_format == 1:
                print("\n".join(show_body(body)))
            else:
                print("  body: %s" % body.hex())


def run_checkpoint(options):
    key = load_key(options)
    for path in options.files:
        checkpoint = of_file(path, lambda data: Checkpoint(data, key))
        print("%s: signed: %s" % (path, describe(checkpoint)))


def run_consistency(options):
    key = load_key(options)
    old = of_file(options.old, lambda data: Checkpoint(data, key))
    new = of_file(options.update, lambda data: verify_update(old, data, key))
    print("nothing was changed or removed: from %d rows to %s" % (old.size, describe(new)))


def judge(case, key):
    """One case of `batch`."""
    def hashed(name):
        return hash_from_base64(case[name])

    kind = case["kind"]
    if kind == "inclusion":
        verify_inclusion(case["index"], case["size"], hashed("leaf"),
                         [hash_from_base64(h) for h in case["proof"]], hashed("root"))
    elif kind == "consistency":
        verify_consistency(case["first"], case["second"], hashed("first_root"),
                           hashed("second_root"), [hash_from_base64(h) for h in case["proof"]])
    elif kind in ("receipt", "checkpoint", "update"):
        if key is None:
            raise Unusable("give the ledger's verifier key with --key or --key-file")
        text = from_base64(case["text"])
        if kind == "receipt":
            verify_receipt(text, key)
        elif kind == "checkpoint":
            Checkpoint(text, key)
        else:
            verify_update(Checkpoint(from_base64(case["old"]), key), text, key)
    else:
        raise Unusable("no kind of case: %r" % (kind,))


def run_batch(options):
    key = None
    if options.key is not None or options.key_file is not None:
        key = load_key(options)
    try:
        name = sys.stdin.fileno() if options.file == "-" else options.file
        file = open(name, encoding="utf-8", errors="replace")
    except OSError as error:
        raise Unusable("%s: %s" % (options.file, error.strerror or error)) from None
    refused = 0
    with file:
        for number, line in enumerate(file, 1):
            try:
                judge(json.loads(line), key)
                print("ok")
            except Refused as error:
                refused += 1
                print("refused: %s" % error)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise Unusable("%s, line %d: not a case; see --help"
                               % (options.file, number)) from None
    if refused:
        raise Refused("%d of the cases" % refused)


BATCH_HELP = """\
One JSON object a line; one line of output for each: "ok" or "refused: why". Hashes and texts are in base 64:
  {"kind": "inclusion", "index": 1, "size": 2, "leaf": HASH, "proof": [HASH...], "root": HASH}
  {"kind": "consistency", "first": 1, "second": 2, "first_root": HASH, "second_root": HASH, "proof": [...]}
  {"kind": "receipt", "text": BYTES}
  {"kind": "checkpoint", "text": BYTES}
  {"kind": "update", "old": BYTES, "text": BYTES}
"""


def main():
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="rollcall_verify.py", formatter_class=raw,
        description=__doc__.split("\n\n")[0],
        epilog="The verifier key (NAME+ID+BASE64) comes from whoever runs the ledger, by a way that you trust:\n"
               "a notice on the wall, a web page, the first receipt's issuer. It is not in the receipt.\n\n"
               "Exit codes: 0 it verifies; 1 it does not (the reason goes to standard error); 2 usage, or\n"
               "a file or key that cannot be read.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name, run, what, **more):
        command = commands.add_parser(name, help=what, description=what, formatter_class=raw, **more)
        command.set_defaults(run=run)
        key = command.add_mutually_exclusive_group()
        key.add_argument("--key", metavar="VKEY", help="the ledger's verifier key, NAME+ID+BASE64")
        key.add_argument("--key-file", metavar="FILE", help="a file that holds it")
        return command

    receipt = add("receipt", run_receipt, "Is the row of this receipt in the ledger?")
    receipt.add_argument("--show", action="store_true", help="print the fields of the row")
    receipt.add_argument("files", nargs="+", metavar="FILE")
    checkpoint = add("checkpoint", run_checkpoint, "Has the ledger signed this checkpoint?")
    checkpoint.add_argument("files", nargs="+", metavar="FILE")
    consistency = add(
        "consistency", run_consistency, "Does the new checkpoint go on from the old one?",
        epilog='UPDATE has the form of C2SP tlog-witness: "old SIZE", the proof, an empty line, the new checkpoint.')
    consistency.add_argument("old", metavar="OLD_CHECKPOINT")
    consistency.add_argument("update", metavar="UPDATE")
    batch = add("batch", run_batch, "Many cases in one run.", epilog=BATCH_HELP)
    batch.add_argument("file", metavar="FILE", help="- for standard input")

    options = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # whatever the terminal can show
    try:
        options.run(options)
        sys.stdout.flush()
        return 0
    except Refused as error:
        sys.stderr.write("NOT VERIFIED: %s\n" % error)
        return 1
    except Unusable as error:
        sys.stderr.write("rollcall_verify: %s\n" % error)
        return 2
    except BrokenPipeError:
        return 2


if __name__ == "__main__":
    sys.exit(main())
