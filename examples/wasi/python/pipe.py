"""python3 pipe.py MODULE [OPTIONS] does in Python what node/pipe.mjs does."""

import json
import struct
import sys

from imgvet import Imgvet

vet = Imgvet(sys.argv[1], **json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}"))
while header := sys.stdin.buffer.read(4):
    (size,) = struct.unpack(">I", header)
    print(json.dumps(vet.check(sys.stdin.buffer.read(size))), flush=True)
vet.close()
