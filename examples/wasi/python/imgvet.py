"""Checks pictures by the WebAssembly module that web/wasi builds, which node runs in a process beside."""

import json
import pathlib
import struct
import subprocess

PIPE = pathlib.Path(__file__).parent.parent / "node" / "pipe.mjs"


class Imgvet:
    """A process that checks one file at a time. options are those of web/wasi."""

    def __init__(self, module: str, **options):
        self._node = subprocess.Popen(
            ["node", "--no-warnings", str(PIPE), module, json.dumps(options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )

    def check(self, file: bytes) -> dict:
        """Returns the verdict on the bytes of a file: ok, error, reason, format, width and so on."""
        self._node.stdin.write(struct.pack(">I", len(file)))
        self._node.stdin.write(file)
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        if not line:
            raise RuntimeError(f"node ended with {self._node.wait()}")
        return json.loads(line)

    def close(self):
        self._node.stdin.close()
        self._node.wait()
