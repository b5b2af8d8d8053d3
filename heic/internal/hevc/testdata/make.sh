#!/bin/sh
# Makes the HEIC files beside it: ImageMagick 6, heif-enc 1.15.1 with x265 3.5.
set -e
cd "$(dirname "$0")"
src=$(mktemp -d)
convert -seed 7 -size 200x136 plasma:fractal -attenuate 0.2 +noise Gaussian -depth 16 "$src/photo.png"
convert "$src/photo.png" -depth 8 "$src/photo8.png"
convert "$src/photo8.png" -colorspace gray "$src/gray.png"
convert -size 200x136 gradient:navy-orange -fill white -stroke black -draw 'circle 60,60 60,20 rectangle 110,30 180,100' -depth 8 "$src/drawing.png"
e() { out=$1; in=$2; shift 2; heif-enc "$src/$in" -o "$out.heic" "$@" >/dev/null; }
e 420-8 photo8.png -q 55
e 420-10-wavefront-slices photo.png -b 10 -q 50 -p x265:ctu=16 -p x265:slices=3 -p x265:wpp=true
e 422-8-skip photo8.png -q 60 -p chroma=422 -p x265:tskip=true -p x265:tu-intra-depth=3 -p x265:ctu=32
e 422-12 photo.png -b 12 -q 40 -p chroma=422 -p preset=slower
e 444-10 photo.png -b 10 -q 50 -p chroma=444 -p preset=veryslow -p x265:max-tu-size=8
e 400-8 gray.png -q 50
e 420-8-slices photo8.png -q 45 -p x265:slices=4 -p x265:ctu=32 -p x265:qg-size=8 -p x265:aq-mode=3 -p x265:signhide=false
e 444-8-lossless drawing.png -L -p chroma=444 --matrix_coefficients=0
e 420-8-cu-lossless drawing.png -q 70 -p x265:cu-lossless=true -p x265:scaling-list=default -p x265:rd=5 -p x265:constrained-intra=true
e 420-8-coarse drawing.png -q 1 -p x265:sao=false -p preset=ultrafast
rm -r "$src"
