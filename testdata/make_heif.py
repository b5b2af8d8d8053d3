"""Writes HEIF files of the shapes that heif-enc 1.15 cannot make, out of pictures that heif-enc has coded: a grid of
tiles as phones write, an overlay, and the transforms irot and imir (ISO/IEC 23008-12, 6.5.10, 6.5.12, 6.6.2).

Usage: make_heif.py SOURCES OUT, where SOURCES holds tile0.heic to tile3.heic (128x128) and single.heic (132x90).
"""
import struct
import sys


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def children(b, start, end):
    """Yields (type, first byte of the body, end) of each box in b[start:end]."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", b, start)
        yield kind, start + 8, start + size
        start += size


def find(b, path):
    start, end = 0, len(b)
    for name in path:
        for kind, s, e in children(b, start, end):
            if kind == name:
                start, end = (s + 4 if kind == b"meta" else s), e
                break
        else:
            raise ValueError(name)
    return start, end


def coded(path):
    """Returns the hvcC box and the coded data of the first item of a file of heif-enc."""
    b = open(path, "rb").read()
    s, e = find(b, [b"meta", b"iprp", b"ipco", b"hvcC"])
    hvcc = box(b"hvcC", b[s:e])
    s, e = find(b, [b"mdat"])
    return hvcc, b[s:e]


def ispe(w, h):
    return full(b"ispe", 0, 0, struct.pack(">II", w, h))


class File:
    """A HEIF file in the making. Items are (type, hidden, data, in idat); properties are shared by content."""

    def __init__(self):
        self.items, self.props, self.assoc, self.refs = [], [], [], []

    def item(self, kind, data, props=(), hidden=False, idat=False):
        self.items.append((kind, hidden, data, idat))
        links = []
        for p in props:
            if p not in self.props:
                self.props.append(p)
            # hvcC, irot and imir must be understood to show the item: essential.
            links.append(self.props.index(p) + 1 | (0x80 if p[4:8] in (b"hvcC", b"irot", b"imir") else 0))
        self.assoc.append(links)
        return len(self.items)

    def ref(self, kind, source, *targets):
        self.refs.append(box(kind, struct.pack(f">HH{len(targets)}H", source, len(targets), *targets)))

    def write(self, path, primary):
        ftyp = box(b"ftyp", b"heic", struct.pack(">I", 0), b"mif1heic")
        hdlr = full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"pict"), b"\0")
        pitm = full(b"pitm", 0, 0, struct.pack(">H", primary))
        infe = [full(b"infe", 2, int(hidden), struct.pack(">HH4s", i, 0, kind), b"\0")
                for i, (kind, hidden, _, _) in enumerate(self.items, 1)]
        iinf = full(b"iinf", 0, 0, struct.pack(">H", len(infe)), *infe)
        iref = full(b"iref", 0, 0, *self.refs) if self.refs else b""
        linked = [(i, a) for i, a in enumerate(self.assoc, 1) if a]
        ipma = full(b"ipma", 0, 0, struct.pack(">I", len(linked)),
                    *(struct.pack(">HB", i, len(a)) + bytes(a) for i, a in linked))
        iprp = box(b"iprp", box(b"ipco", *self.props), ipma)
        idat = b"".join(data for _, _, data, inside in self.items if inside)
        mdat = b"".join(data for _, _, data, inside in self.items if not inside)

        def meta(mdat_at):
            at = {True: 0, False: mdat_at}
            entries = b""
            for i, (_, _, data, inside) in enumerate(self.items, 1):
                entries += struct.pack(">HHHHII", i, int(inside), 0, 1, at[inside], len(data))
                at[inside] += len(data)
            iloc = full(b"iloc", 1, 0, struct.pack(">HH", 0x4400, len(self.items)), entries)
            tail = box(b"idat", idat) if idat else b""
            return full(b"meta", 0, 0, hdlr, pitm, iinf, iref, iprp, iloc, tail)

        head = len(ftyp) + len(meta(0))
        with open(path, "wb") as f:
            f.write(ftyp + meta(head + 8) + box(b"mdat", mdat))


def grid(tiles, rows, cols, w, h, *extra, idat=True):
    f = File()
    ids = [f.item(b"hvc1", data, [hvcc, ispe(128, 128)], hidden=True) for hvcc, data in tiles[:rows * cols]]
    g = f.item(b"grid", struct.pack(">BBBBHH", 0, 0, rows - 1, cols - 1, w, h), [ispe(w, h), *extra], idat=idat)
    f.ref(b"dimg", g, *ids)
    return f, g


def exif(orientation):
    """An Exif item (ISO/IEC 23008-12, A.2.1): offset of the TIFF header, then TIFF with the one tag Orientation."""
    return struct.pack(">I", 0) + b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x112, 3, 1, orientation, 0, 0)


def main(sources, out):
    tiles = [coded(f"{sources}/tile{i}.heic") for i in range(4)]
    hvcc, data = coded(f"{sources}/single.heic")
    size = ispe(132, 90)

    f, g = grid(tiles, 2, 2, 256, 256)
    f.write(f"{out}/grid-2x2.heic", g)
    f, g = grid(tiles, 2, 2, 211, 199, idat=False)
    f.write(f"{out}/grid-2x2-cropped.heic", g)
    f, g = grid(tiles, 1, 2, 256, 128, box(b"irot", b"\3"))
    e = f.item(b"Exif", exif(6))
    t = f.item(b"hvc1", data, [hvcc, size])
    f.ref(b"cdsc", e, g)
    f.ref(b"thmb", t, g)
    f.write(f"{out}/grid-1x2-irot-exif-thumbnail.heic", g)

    f = File()
    ids = [f.item(b"hvc1", d, [c, ispe(128, 128)], hidden=True) for c, d in tiles[:2]]
    canvas = struct.pack(">BB4H2H4h", 0, 0, 0x8000, 0, 0, 0xFFFF, 200, 150, 0, 0, 60, 20)
    o = f.item(b"iovl", canvas, [ispe(200, 150)], idat=True)
    f.ref(b"dimg", o, *ids)
    f.write(f"{out}/overlay.heic", o)

    transforms = {
        "irot-90": [box(b"irot", b"\1")],
        "irot-180": [box(b"irot", b"\2")],
        "irot-270": [box(b"irot", b"\3")],
        "imir-0": [box(b"imir", b"\0")],
        "imir-1": [box(b"imir", b"\1")],
        "irot-90-imir-0": [box(b"irot", b"\1"), box(b"imir", b"\0")],
        "irot-270-imir-0": [box(b"irot", b"\3"), box(b"imir", b"\0")],
    }
    for name, props in transforms.items():
        f = File()
        i = f.item(b"hvc1", data, [hvcc, size, *props])
        f.write(f"{out}/{name}.heic", i)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
