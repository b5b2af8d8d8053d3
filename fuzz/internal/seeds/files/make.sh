#!/bin/sh
# make.sh fills the directory it stands in with the seeds of the corruption kit:
# small files that the kit cannot write itself, because their entropy coding
# needs an encoder. Run it from anywhere. Encoders change: the files, not this
# script, are what the golden hash of the cases stands on.
set -eu
cd "$(dirname "$0")"
export LC_ALL=C
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# A picture that is different in every corner, with an edge and a ramp.
picture() { # width height
	awk -v w="$1" -v h="$2" 'BEGIN {
		printf "P3\n%d %d\n255\n", w, h
		for (y = 0; y < h; y++) for (x = 0; x < w; x++)
			print int(255 * x / w), int(255 * y / h), (x * h > y * w ? 200 : 40)
	}'
}
picture 24 17 >"$tmp/small.ppm"
picture 64 64 >"$tmp/tile.ppm"
picture 40 30 >"$tmp/frame0.ppm"
convert "$tmp/frame0.ppm" -negate "$tmp/frame1.ppm"
convert "$tmp/frame0.ppm" -flop "$tmp/frame2.ppm"
for i in 0 1 2; do convert "$tmp/frame$i.ppm" "$tmp/frame$i.png"; done
convert "$tmp/small.ppm" -colorspace Gray "$tmp/small.pgm"
convert "$tmp/small.ppm" \( -size 24x17 gradient: \) -alpha off -compose CopyOpacity -composite "$tmp/alpha.png"
convert "$tmp/tile.ppm" \( -size 64x64 gradient: \) -alpha off -compose CopyOpacity -composite "$tmp/tile-alpha.png"
convert "$tmp/tile.ppm" -colorspace Gray -depth 8 "$tmp/tile-gray.png"
convert "$tmp/tile.ppm" -depth 8 "$tmp/tile.png"
convert "$tmp/tile.ppm" -depth 16 "PNG48:$tmp/tile16.png"

# PNG: one with dynamic Huffman codes.
convert "$tmp/small.ppm" -strip "$tmp/small.png"
optipng -quiet -o7 -strip all "$tmp/small.png"
cp "$tmp/small.png" dynamic.png

# JPEG. Huffman tables are optimised, to be small, except where noted.
cjpeg -quality 60 -optimize -sample 2x2 -outfile 420.jpg "$tmp/small.ppm"
cjpeg -quality 60 -optimize -sample 1x1 -outfile 444.jpg "$tmp/small.ppm"
cjpeg -quality 60 -optimize -sample 2x1 -outfile 422.jpg "$tmp/small.ppm"
cjpeg -quality 60 -optimize -sample 1x2 -outfile 440.jpg "$tmp/small.ppm"
cjpeg -quality 60 -optimize -sample 4x1 -outfile 411.jpg "$tmp/small.ppm"
cjpeg -quality 60 -optimize -grayscale -outfile gray.jpg "$tmp/small.ppm"
cjpeg -quality 60 -sample 1x1 -restart 1B -outfile restart.jpg "$tmp/small.ppm"
cjpeg -quality 60 -progressive -sample 2x2 -outfile progressive.jpg "$tmp/small.ppm"
cjpeg -quality 60 -progressive -grayscale -outfile progressive-gray.jpg "$tmp/small.ppm"
cjpeg -quality 60 -arithmetic -sample 2x2 -outfile arithmetic.jpg "$tmp/small.ppm"
cjpeg -quality 60 -rgb -optimize -outfile rgb.jpg "$tmp/small.ppm"
printf '0;1;2;\n' >"$tmp/scans"
cjpeg -quality 60 -optimize -sample 2x2 -scans "$tmp/scans" -outfile scans.jpg "$tmp/small.ppm"
convert "$tmp/small.ppm" -strip -colorspace CMYK -quality 60 -define jpeg:optimize-coding=true cmyk.jpg

# WebP.
cwebp -quiet -q 60 "$tmp/small.png" -o lossy.webp
cwebp -quiet -q 60 -segments 4 -sns 100 "$tmp/tile.png" -o lossy-segments.webp
cwebp -quiet -q 60 -strong -f 60 -sharpness 4 "$tmp/tile.png" -o lossy-filter.webp
convert "$tmp/tile.ppm" -quality 60 -define webp:partitions=3 lossy-partitions.webp
cwebp -quiet -lossless -z 9 "$tmp/small.png" -o lossless.webp
cwebp -quiet -lossless -z 0 "$tmp/small.png" -o lossless-fast.webp
cwebp -quiet -lossless -exact "$tmp/alpha.png" -o lossless-alpha.webp
cwebp -quiet -q 60 "$tmp/alpha.png" -o lossy-alpha.webp
cwebp -quiet -q 60 -alpha_method 0 "$tmp/alpha.png" -o lossy-alpha-raw.webp
img2webp -loop 0 -lossy -q 40 -d 80 "$tmp/frame0.png" "$tmp/frame1.png" "$tmp/frame2.png" -o animated.webp >/dev/null
img2webp -loop 0 -lossless -d 80 "$tmp/frame0.png" "$tmp/frame1.png" -o animated-lossless.webp >/dev/null

# HEIC: coded pictures, which the kit puts into containers of its own.
heif-enc -q 40 "$tmp/tile.png" -o tile.heic
heif-enc -q 40 "$tmp/tile-gray.png" -o gray.heic
heif-enc -q 40 "$tmp/tile-alpha.png" -o alpha.heic
heif-enc -q 40 -b 10 "$tmp/tile16.png" -o ten-bit.heic
heif-enc -q 40 -p chroma=444 "$tmp/tile.png" -o 444.heic
convert "$tmp/small.ppm" -strip -depth 8 "$tmp/odd.png"
heif-enc -q 40 "$tmp/odd.png" -o odd.heic
