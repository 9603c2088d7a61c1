"""Holds `rpc.py` of the template `service` to the frames of golden.json: golden.py GOLDEN RPC_FOLDER."""

import json
import sys
from types import ModuleType

golden, folder = sys.argv[1:]

# What a component gets from its tools, and the frames need nothing of.
for name, item in [("componentize_py_types", "Err"), ("wit_world.imports.channel", "Handle_Writer")]:
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:end]), ModuleType(name))
    setattr(sys.modules[name], item, type(item, (Exception,), {}))

sys.dont_write_bytecode = True  # the template's folder stays as it is
sys.path.insert(0, folder)
import rpc  # noqa: E402

KINDS = {
    "call": rpc.CALL,
    "cancel": rpc.CANCEL,
    "reply": rpc.REPLY,
    "no-reply": rpc.NO_REPLY,
    "forgotten": rpc.FORGOTTEN,
}

with open(golden, encoding="utf-8") as file:
    golden = json.load(file)
for row in golden["frames"]:
    frame, payload, number = bytes.fromhex(row["frame"]), bytes.fromhex(row["payload"]), int(row["number"])
    traced = row["kind"] == "traced-call"  # is read and not written here
    kind = rpc.CALL if traced else KINDS[row["kind"]]
    assert rpc.parts(frame) == (payload, kind, number), row["name"]
    assert traced or rpc.seal(payload, kind, number) == frame, row["name"]
for row in golden["not-frames"]:
    assert rpc.parts(bytes.fromhex(row["frame"])) is None, row["name"]
print(len(golden["frames"]) + len(golden["not-frames"]), "frames")
