"""Runs a driver's class for `causeway drive --driver mine.py`: python3 -c RUNNER mine.py, with the socket at descriptor 3.

It is a part of the program, embedded as it stands here, and needs nothing but Python. What it hears and says is defined in
schema/driver.json; what the class may have, in docs/BRING-YOUR-DRIVER.md.
"""

import base64
import json
import os
import socket
import sys
import traceback
import types


class Unfit(Exception):
    """The file holds no driver."""


def load(path):
    module = types.ModuleType("driver")
    module.__file__ = path
    sys.modules["driver"] = module
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)
    driver = getattr(module, "Driver", None)
    if not isinstance(driver, type):
        raise Unfit("there is no class Driver in it")
    if not callable(getattr(driver, "decide", None)):
        raise Unfit("its class Driver has no method decide(self, observation)")
    if hasattr(driver, "save") != hasattr(driver, "restore"):
        raise Unfit("its class Driver has only one of save and restore")
    return driver()


def error(path, what, step=None):
    """What went wrong as a message, with the line of the driver's file where it did."""
    lines = [frame.lineno for frame in traceback.extract_tb(what.__traceback__) if frame.filename == path]
    line = what.lineno if isinstance(what, SyntaxError) and what.filename == path else lines[-1] if lines else None
    text = what.msg if isinstance(what, SyntaxError) else str(what)
    if not isinstance(what, Unfit):
        text = f"{type(what).__name__}: {text}" if text else type(what).__name__
    message = {"type": "error", "text": text}
    if step is not None:
        message["step"] = step
        if line:
            message["text"] += f" ({os.path.basename(path)}, line {line})"
    elif line and not isinstance(what, Unfit):
        message["line"] = line
    return message


def plain(value):
    """NumPy's arrays and numbers, and what else knows to become a list."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is no part of an answer")


class Session:
    def __init__(self, path):
        self.path, self.driver, self.quiet = path, None, True

    def start(self, message):
        self.driver = load(self.path)
        if hasattr(self.driver, "reset"):
            self.driver.reset(message)
        self.quiet = False  # what goes wrong until here, causeway tells
        return {"type": "ready", "protocol": 1, "saves": hasattr(self.driver, "save")}

    def observe(self, message):
        answer = self.driver.decide(message)
        if answer is None:
            answer = {"nothing": True}
        if not isinstance(answer, dict):
            raise TypeError(f"decide gives a {type(answer).__name__}, not a dict or None")
        return {**answer, "type": "drive", "step": message["step"]}

    def save(self, _):
        return {"type": "state", "bytes": base64.b64encode(self.driver.save()).decode()}

    def restore(self, message):
        self.driver.restore(base64.b64decode(message["bytes"]))
        return {"type": "restored"}

    def answer(self, message):
        """The answer as text. An exception becomes an error; the first in full on stderr."""
        try:
            return json.dumps(getattr(self, message["type"])(message), default=plain, allow_nan=False)
        except Exception as what:
            if not self.quiet:
                traceback.print_exc()
                self.quiet = True
            return json.dumps(error(self.path, what, message.get("step")))


def main():
    session = Session(sys.argv[1])
    with socket.socket(fileno=3) as peer, peer.makefile("rw", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            message = json.loads(line)
            if message["type"] == "close":
                break
            lines.write(session.answer(message) + "\n")
            lines.flush()
    if hasattr(session.driver, "close"):
        session.driver.close()


main()
