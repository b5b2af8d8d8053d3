"""python3 encode.py IN OUT: writes each PNG of the folder IN to OUT in many ways of Pillow."""
import glob
import os
import sys

from PIL import Image

source, target = sys.argv[1:]
for name in glob.glob(os.path.join(source, "*.png")):
    img = Image.open(name).convert("RGBA")
    stem = os.path.join(target, os.path.basename(name)[:-4])
    rgb = img.convert("RGB")
    rgb.save(stem + ".jpg")
    rgb.save(stem + ".progressive.jpg", progressive=True, quality=90, subsampling=0)
    rgb.save(stem + ".optimized.jpg", optimize=True)
    rgb.convert("CMYK").save(stem + ".cmyk.jpg")
    rgb.convert("L").save(stem + ".gray.jpg")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        one = rgb.convert("I").convert("I;16") if mode == "I;16" else img.convert(mode) if mode in ("LA", "RGBA") else rgb.convert(mode)
        one.save(stem + "." + mode.replace(";", "") + ".png")
        if mode in ("1", "L", "P", "RGB", "RGBA"):
            one.save(stem + "." + mode + ".bmp")
    img.save(stem + ".webp")
    img.save(stem + ".lossless.webp", lossless=True)
