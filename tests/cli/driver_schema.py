"""Every message between causeway and a driver is one that schema/driver.json allows, and what it allows is read.
Usage: driver_schema.py PROGRAM SOURCE_ROOT"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SCHEMA = json.load(open(os.path.join(ROOT, "schema", "driver.json"), encoding="utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"$ref", "description", "type", "const", "enum", "required", "properties", "items", "minItems", "maxItems"}


def is_type(value, name):
    if name in ("number", "integer"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def faults(schema, value, place):
    """What is wrong with the value, by its place; a member that is not declared is wrong too."""
    if "$ref" in schema:
        yield from faults(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, place)
    for word in schema.keys() - KNOWN:
        yield f"{place}: the schema says {word}, which is not checked"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_type(value, kind) for kind in kinds):
        yield f"{place}: {value!r} is none of {kinds}"
        return
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is not allowed"
    if isinstance(value, dict) and "properties" in schema:
        for name in schema.get("required", []):
            if name not in value:
                yield f"{place}: lacks {name}"
        for name, part in value.items():
            if name in schema["properties"]:
                yield from faults(schema["properties"][name], part, f"{place}.{name}")
            else:
                yield f"{place}: {name} is not declared"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1 << 30):
            yield f"{place}: {len(value)} items"
        for i, part in enumerate(value):
            yield from faults(schema.get("items", {}), part, f"{place}[{i}]")


def check(message):
    wrong = list(faults(SCHEMA["$defs"][message["type"]], message, message["type"]))
    assert not wrong, wrong[:5]


def drive(step):
    x = [2.0 * (i + 1) for i in range(64)]
    causes = [{"kind": "vehicle", "relation": "ahead", "id": 1, "quantity": "gap_m", "value": 3.5},
              {"kind": "signal", "relation": "red", "signal": 0, "quantity": "distance_m", "value": 20}]
    return {"type": "drive", "step": step, "x_m": x, "y_m": [0] * 64, "speed_mps": [20] * 64, "heading_rad": [0] * 64,
            "accel_mps2": 0, "steer_rad": 0, "lamps": ["hazard"],
            "reason": {"kind": "learned", "longitudinal": "keep_speed", "lateral": "keep_lane", "causes": causes}}


def run(scenario, folder):
    """Drives with all that a driver may say; returns how often each message was heard."""
    path, heard = os.path.join(folder, "socket"), {}
    command = [PROGRAM, "drive", os.path.join(ROOT, "scenes", scenario), "--driver", "unix:" + path, "--duration", "12",
               "--set", "driver.timeout=60", "--json", "--quiet", "--trace", os.path.join(folder, "trace.mcap")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peer = socket.socket(socket.AF_UNIX)
    while peer.connect_ex(path) != 0 and process.poll() is None:
        time.sleep(0.01)
    with peer, peer.makefile("rw", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            message = json.loads(line, parse_constant=lambda name: sys.exit(f"{name} is no JSON"))
            check(message)
            kind = message["type"]
            heard[kind] = heard.get(kind, 0) + 1
            if kind == "close":
                break
            answer = {"start": {"type": "ready", "protocol": 1, "saves": True},
                      "observe": drive(message.get("step")),
                      "save": {"type": "state", "bytes": "AAEC"}}[kind]
            check(answer)
            lines.write(json.dumps(answer) + "\n")
            lines.flush()
    result = json.loads(process.communicate()[0])
    assert result["driver_trouble"] is None, result["driver_trouble"]
    return heard


# The check itself must be able to fail.
for bad in ({**drive(1), "x_m": [1]}, {**drive(1), "extra": 1}, {"type": "ready"}, {**drive(1), "step": "1"},
            {**drive(1), "lamps": ["disco"]}):
    assert list(faults(SCHEMA["$defs"][bad["type"]], bad, "bad")), bad

for name in ("cut_in.xosc", "town.xosc"):
    with tempfile.TemporaryDirectory() as folder:
        heard = run(name, folder)
    assert heard["start"] == heard["close"] == 1 and heard["observe"] >= 100 and heard["save"] >= 10, heard
print("every message is in the schema")
