#!/bin/sh
# make.sh fills good/ and variants/ beside it with small real files of the five
# formats, from as many writers as Debian 12 packages: run it from anywhere,
# with no arguments. What it prints first are the versions of the writers; the
# versions that the files here were made with stand in README.md.
#
# A file goes to good/FORMAT/ if the decoders of Go (image/png, image/jpeg,
# golang.org/x/image/webp and /bmp) or, for HEIC, libheif show it; legal files
# that the Go decoders lack go to variants/FORMAT/. Nothing here is malformed.
set -eu
cd "$(dirname "$0")"
export LC_ALL=C
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

goimage=$(go env GOROOT)/src/image
ximage=$(go list -m -f '{{.Dir}}' golang.org/x/image)/testdata
python=/usr/bin/python3 # the one that has python3-pil

{
	go version
	echo "cwebp $(cwebp -version | head -1)"
	cjpeg -version 2>&1
	heif-enc --help 2>&1 | head -1
	convert -version | head -1
	vips --version
	ppmtobmp -version 2>&1 | head -1
	echo "exiftool $(exiftool -ver)"
	$python -c 'import PIL; print("Pillow", PIL.__version__)'
	pngcrush -version 2>&1 | grep -m1 -o 'pngcrush [0-9.]*'
	optipng --version | head -1
} | sed 's/^/# /'

rm -rf good variants
for f in png jpeg webp bmp heic; do mkdir -p "good/$f"; done
mkdir -p variants/jpeg variants/webp variants/bmp
png=good/png jpeg=good/jpeg webp=good/webp bmp=good/bmp heic=good/heic

# --- Sources ---------------------------------------------------------------

# photo: 150x103, from the Go project. corners: 44x30, asymmetric in every
# direction (one colour a corner, a ramp between), so that a wrong orientation,
# row order or channel order shows. sprite: the same with a soft alpha edge.
photo=$goimage/testdata/video-001.png
awk 'BEGIN {
	w = 44; h = 30; printf "P3\n%d %d\n255\n", w, h
	for (y = 0; y < h; y++) for (x = 0; x < w; x++) {
		r = int(40 + x * 4); g = int(30 + y * 6); b = int(200 - x * 2 - y * 2)
		if (x < 12 && y < 8) { r = 230; g = 20; b = 20 }
		if (x >= 36 && y < 8) { r = 20; g = 220; b = 30 }
		if (x < 12 && y >= 24) { r = 30; g = 30; b = 235 }
		print r, g, b
	}
}' >"$tmp/corners.ppm"
corners=$tmp/corners.ppm
awk 'BEGIN {
	w = 44; h = 30; printf "P2\n%d %d\n255\n", w, h
	for (y = 0; y < h; y++) for (x = 0; x < w; x++) {
		a = 8 * (x < w - x ? x : w - x) * (y < h - y ? y : h - y); print (a > 255 ? 255 : a)
	}
}' >"$tmp/mask.pgm"
convert "$corners" "$tmp/mask.pgm" -alpha off -compose CopyOpacity -composite "$tmp/sprite.png"
sprite=$tmp/sprite.png
convert "$photo" "$tmp/photo.ppm"
convert "$photo" -colorspace Gray "$tmp/photo.pgm"
convert "$photo" -resize 300x206! "$tmp/large.ppm"
# A frame sequence for animations: the corners wander.
for i in 0 1 2 3; do convert "$corners" -roll +$((i * 5))+$((i * 3)) "$tmp/frame$i.png"; done
convert -delay 10 -loop 0 "$tmp"/frame?.png "$tmp/anim.gif"
# An ICC profile of our own: Little CMS makes it from the numbers of sRGB.
$python -c '
import sys
from PIL import ImageCms
icc = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
icc[24:36] = b"\x07\xe4\0\1\0\1\0\0\0\0\0\0"  # a fixed date of creation (ICC.1, 7.2.8), so that runs agree
sys.stdout.buffer.write(icc)' >"$tmp/srgb.icc"

# --- PNG -------------------------------------------------------------------

cp "$goimage"/png/testdata/bench*.png "$goimage"/png/testdata/gray-gradient*.png "$png/"
for f in basn0g01 basn0g01-30 basn0g02 basn0g02-29 basn0g04 basn0g04-31 basn0g08 basn0g16 basn2c08 basn2c16 \
	basn3p01 basn3p02 basn3p04 basn3p04-31i basn3p08 basn3p08-trns basn4a08 basn4a16 basn6a08 basn6a16 \
	ftbbn0g01 ftbbn0g04 ftbbn2c16 ftbbn3p08 ftbgn2c16 ftbrn2c08 ftbwn0g16 ftp0n0g08 ftp1n3p08; do
	cp "$goimage/png/testdata/pngsuite/$f.png" "$png/pngsuite-$f.png"
done
cp "$ximage/tux.png" "$png/tux.png"
m() { convert "$1" $3 -define png:exclude-chunks=date,time "$png/magick-$2"; } # options in $3 are split on purpose
m "$corners" rgb8.png "-define png:color-type=2"
m "$corners" rgb8-interlaced.png "-interlace PNG -define png:color-type=2"
m "$corners" rgb16.png "-depth 16 -define png:color-type=2 -define png:bit-depth=16"
m "$corners" rgb16-interlaced.png "-interlace PNG -depth 16 -define png:color-type=2 -define png:bit-depth=16"
m "$corners" gray1.png "-monochrome -define png:color-type=0 -define png:bit-depth=1"
m "$corners" gray2.png "-colorspace Gray -posterize 4 -define png:color-type=0 -define png:bit-depth=2"
m "$corners" gray4-interlaced.png "-interlace PNG -colorspace Gray -posterize 16 -define png:color-type=0 -define png:bit-depth=4"
m "$corners" gray8.png "-colorspace Gray -define png:color-type=0"
m "$corners" gray16-interlaced.png "-interlace PNG -colorspace Gray -define png:color-type=0 -define png:bit-depth=16"
m "$corners" palette1.png "-colors 2 -type Palette -define png:color-type=3"
m "$corners" palette2-interlaced.png "-interlace PNG -colors 4 -define png:color-type=3"
m "$corners" palette4.png "-colors 16 -define png:color-type=3"
m "$corners" palette8-interlaced.png "-interlace PNG -colors 200 -define png:color-type=3"
m "$sprite" palette8-trns.png "-channel A -threshold 50% +channel -colors 100 -define png:color-type=3"
m "$sprite" graya8.png "-colorspace Gray -define png:color-type=4"
m "$sprite" graya16-interlaced.png "-interlace PNG -colorspace Gray -define png:color-type=4 -define png:bit-depth=16"
m "$sprite" rgba8-interlaced.png "-interlace PNG -define png:color-type=6"
m "$sprite" rgba16.png "-define png:color-type=6 -define png:bit-depth=16"
m "$corners" rgb8-text-icc.png "-set comment plain -profile $tmp/srgb.icc -define png:color-type=2"
m "$photo" photo-stored.png "-quality 00"
m "$corners" 1x1.png "-crop 1x1+20+15 +repage -define png:color-type=2"
m "$corners" interlaced-3x2.png "-crop 3x2+20+15 +repage -interlace PNG -define png:color-type=2"
pngcrush -q -brute -reduce "$photo" "$png/pngcrush-brute.png" 2>/dev/null
optipng -quiet -i1 -o2 -out "$png/optipng-interlaced.png" "$photo"
vips pngsave "$corners" "$png/vips-palette.png" --palette --bitdepth 4
vips pngsave "$sprite" "$png/vips-rgba-interlaced.png" --interlace
pnmtopng -transparent=rgb:e6/14/14 "$corners" >"$png/netpbm-rgb8-trns.png" 2>/dev/null
pnmtopng -interlace "$tmp/photo.pgm" >"$png/netpbm-gray8-interlaced.png" 2>/dev/null
$python - "$tmp" "$png" <<'PY'
import sys
from PIL import Image
tmp, out = sys.argv[1:]
frames = [Image.open(f"{tmp}/frame{i}.png").convert("RGB") for i in range(4)]
frames[0].save(f"{out}/pillow-apng.png", save_all=True, append_images=frames[1:], duration=100, loop=0)
frames[0].save(f"{out}/pillow-apng-default-image.png", save_all=True, append_images=frames[1:], default_image=True, duration=100)
sprite = Image.open(f"{tmp}/sprite.png").convert("RGBA")
sprite.save(f"{out}/pillow-apng-alpha-blend.png", save_all=True, append_images=[sprite.rotate(180)], blend=1, disposal=1, duration=50)
sprite.save(f"{out}/pillow-rgba.png", optimize=True)
frames[0].convert("1").save(f"{out}/pillow-gray1.png")
PY

# --- JPEG ------------------------------------------------------------------

for f in 001.221212 001.cmyk 001 001.progressive 001.q50.410 001.q50.410.progressive 001.q50.411 001.q50.420 001.q50.422.progressive \
	001.q50.440 001.q50.440.progressive 001.q50.444 001.restart2 001.rgb 001.separate.dc.progression 001.separate.dc.progression.progressive \
	005.gray 005.gray.q50.2x2 005.gray.q50.2x2.progressive; do
	cp "$goimage/testdata/video-$f.jpeg" "$jpeg/video-$f.jpeg"
done
c() { out=$1 in=$2; shift 2; cjpeg "$@" -outfile "$out" "$in"; }
c $jpeg/cjpeg-444-q95.jpg "$tmp/photo.ppm" -quality 95 -sample 1x1
c $jpeg/cjpeg-420.jpg "$tmp/photo.ppm" -sample 2x2
c $jpeg/cjpeg-422-optimized.jpg "$tmp/photo.ppm" -sample 2x1 -optimize
c $jpeg/cjpeg-440.jpg "$tmp/photo.ppm" -sample 1x2
c $jpeg/cjpeg-411.jpg "$tmp/photo.ppm" -sample 4x1
c $jpeg/cjpeg-410.jpg "$tmp/photo.ppm" -sample 4x2
c $jpeg/cjpeg-420-restart-rows.jpg "$tmp/photo.ppm" -sample 2x2 -restart 1
c $jpeg/cjpeg-444-restart-1-block.jpg "$corners" -sample 1x1 -restart 1B
c $jpeg/cjpeg-progressive-420.jpg "$tmp/photo.ppm" -progressive -sample 2x2
c $jpeg/cjpeg-progressive-444-restart.jpg "$tmp/photo.ppm" -progressive -sample 1x1 -restart 1
c $jpeg/cjpeg-gray.jpg "$tmp/photo.pgm" -grayscale
c $jpeg/cjpeg-gray-progressive.jpg "$tmp/photo.pgm" -grayscale -progressive
c $jpeg/cjpeg-rgb.jpg "$corners" -rgb
c $jpeg/cjpeg-q1.jpg "$tmp/large.ppm" -quality 1 -baseline
c $jpeg/cjpeg-q100.jpg "$corners" -quality 100
c $jpeg/cjpeg-16-bit-qtable.jpg "$corners" -quality 1
c $jpeg/cjpeg-icc.jpg "$corners" -icc "$tmp/srgb.icc"
convert "$corners" -crop 1x1+20+15 +repage "$tmp/one.ppm"
c $jpeg/cjpeg-1x1.jpg "$tmp/one.ppm"
convert "$corners" -crop 17x9+5+5 +repage "$tmp/odd.ppm"
c $jpeg/cjpeg-420-17x9.jpg "$tmp/odd.ppm" -sample 2x2
# One scan a component, baseline; and a script with spectral selection, successive approximation and an EOB run.
printf '0;\n1;\n2;\n' >"$tmp/separate.scans"
c $jpeg/cjpeg-non-interleaved-420.jpg "$tmp/photo.ppm" -sample 2x2 -scans "$tmp/separate.scans"
printf '0,1,2: 0-0, 0, 2;\n0,1,2: 0-0, 2, 1;\n0,1,2: 0-0, 1, 0;\n0: 1-5, 0, 3;\n0: 6-63, 0, 3;\n1: 1-63, 0, 1;\n2: 1-63, 0, 0;\n0: 1-63, 3, 2;\n0: 1-63, 2, 1;\n0: 1-63, 1, 0;\n1: 1-63, 1, 0;\n' >"$tmp/script.scans"
c $jpeg/cjpeg-progressive-many-scans.jpg "$tmp/photo.ppm" -sample 2x1 -scans "$tmp/script.scans"
# Restarts inside non-interleaved and progressive subsampled scans: image/jpeg 1.26 counts them in MCUs of the frame,
# not of the scan, so these may live in either place.
c $jpeg/cjpeg-non-interleaved-420-restart.jpg "$tmp/photo.ppm" -sample 2x2 -scans "$tmp/separate.scans" -restart 4B
c $jpeg/cjpeg-progressive-420-restart.jpg "$tmp/photo.ppm" -sample 2x2 -progressive -restart 4B
c $jpeg/cjpeg-arithmetic-420.jpg "$tmp/photo.ppm" -arithmetic -sample 2x2
c $jpeg/cjpeg-arithmetic-gray-restart.jpg "$tmp/photo.pgm" -arithmetic -grayscale -restart 2
jpegtran -arithmetic -progressive -outfile $jpeg/jpegtran-arithmetic-progressive.jpg $jpeg/cjpeg-420.jpg
jpegtran -optimize -progressive -copy all -outfile $jpeg/jpegtran-progressive-icc.jpg $jpeg/cjpeg-icc.jpg
jpegtran -rotate 90 -trim -outfile $jpeg/jpegtran-rotated.jpg $jpeg/cjpeg-420.jpg
convert "$photo" -colorspace CMYK -quality 60 $jpeg/magick-cmyk.jpg
convert "$photo" -colorspace CMYK -quality 60 -interlace JPEG $jpeg/magick-cmyk-progressive.jpg
convert "$photo" -quality 70 -sampling-factor 2x2,1x2,2x1 $jpeg/magick-uneven-sampling.jpg
convert "$photo" -quality 70 -sampling-factor 3x1 $jpeg/magick-3x1.jpg
vips jpegsave "$tmp/photo.ppm" $jpeg/vips-420-interlaced.jpg --interlace --Q 60
vips jpegsave "$tmp/photo.ppm" $jpeg/vips-trellis.jpg --optimize-coding --Q 40 --strip
$python - "$tmp" "$jpeg" <<'PY'
import sys
from PIL import Image
tmp, out = sys.argv[1:]
im = Image.open(f"{tmp}/photo.ppm")
im.save(f"{out}/pillow-q75.jpg")
im.save(f"{out}/pillow-progressive.jpg", progressive=True, optimize=True, quality=50)
im.convert("CMYK").save(f"{out}/pillow-cmyk.jpg", quality=60)
tiny = im.resize((60, 40))
tiny.save(f"{out}/pillow-mpo.jpg", format="MPO", save_all=True, append_images=[tiny.rotate(180)])
PY
# Orientation as cameras state it, 1 to 8, in both byte orders; the coded pixels stay as they are.
for o in 1 2 3 4 5 6 7 8; do
	f=$jpeg/exif-orientation-$o.jpg
	cjpeg -quality 90 -outfile "$f" "$corners"
	order=II; [ $((o % 2)) = 0 ] && order=MM
	exiftool -q -overwrite_original -ExifByteOrder=$order "-Orientation#=$o" "$f"
done
# The parts of a phone's JPEG: EXIF with a thumbnail, XMP, an ICC profile, a comment. Make and Model are made up.
cjpeg -quality 30 -outfile "$tmp/thumb.jpg" "$corners"
cjpeg -quality 80 -sample 2x2 -icc "$tmp/srgb.icc" -outfile $jpeg/exif-like-a-phone.jpg "$tmp/large.ppm"
exiftool -q -overwrite_original -Make=Example -Model="Made Up 1" -Orientation#=6 -DateTimeOriginal="2020:01:02 03:04:05" \
	-ExposureTime=1/60 -FNumber=1.8 -ISO=100 -XMP:CreatorTool=make.sh -Comment=made "-ThumbnailImage<=$tmp/thumb.jpg" $jpeg/exif-like-a-phone.jpg

# --- WebP ------------------------------------------------------------------

for f in blue-purple-pink.lossless blue-purple-pink.lossy blue-purple-pink-large.no-filter.lossy blue-purple-pink-large.normal-filter.lossy \
	blue-purple-pink-large.simple-filter.lossy gopher-doc.1bpp.lossless gopher-doc.2bpp.lossless gopher-doc.4bpp.lossless gopher-doc.8bpp.lossless \
	gopher-doc.skip-hgroup.lossless gopher-doc.with-alpha.lossless tux.lossless video-001.lossy yellow_rose.lossy-with-alpha yellow_rose.lossy; do
	cp "$ximage/$f.webp" "$webp/"
done
w() { out=$1 in=$2; shift 2; cwebp -quiet "$@" "$in" -o "$out"; }
convert "$corners" "$tmp/corners.png"
w $webp/cwebp-lossy-q75.webp "$photo"
w $webp/cwebp-lossy-q5-m6.webp "$photo" -q 5 -m 6
w $webp/cwebp-lossy-q100-m0.webp "$tmp/corners.png" -q 100 -m 0
convert "$tmp/large.ppm" -quality 60 -define webp:partitions=3 $webp/magick-lossy-8-partitions.webp
w $webp/cwebp-lossy-4-segments-sns100.webp "$photo" -segments 4 -sns 100
w $webp/cwebp-lossy-strong-filter.webp "$photo" -strong -f 80 -sharpness 5
w $webp/cwebp-lossy-simple-filter.webp "$photo" -nostrong -f 40 -segments 1
w $webp/cwebp-lossy-1x1.webp "$tmp/corners.png" -crop 20 15 1 1
w $webp/cwebp-lossy-alpha.webp "$sprite"
w $webp/cwebp-lossy-alpha-raw.webp "$sprite" -alpha_method 0
w $webp/cwebp-lossy-alpha-filter-best-q50.webp "$sprite" -alpha_filter best -alpha_q 50
w $webp/cwebp-lossless-z9.webp "$photo" -lossless -z 9
w $webp/cwebp-lossless-z0.webp "$tmp/corners.png" -lossless -z 0
w $webp/cwebp-lossless-alpha-exact.webp "$sprite" -lossless -exact
w $webp/cwebp-near-lossless-40.webp "$tmp/corners.png" -near_lossless 40
convert "$corners" -colors 2 "$tmp/two.png"
w $webp/cwebp-lossless-2-colours.webp "$tmp/two.png" -lossless
convert "$corners" -colors 200 "$tmp/many.png"
w $webp/cwebp-lossless-200-colours.webp "$tmp/many.png" -lossless -m 6
printf '<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>' >"$tmp/empty.xmp"
webpmux -set icc "$tmp/srgb.icc" $webp/cwebp-lossy-q75.webp -o "$tmp/icc.webp" >/dev/null 2>&1
webpmux -set xmp "$tmp/empty.xmp" "$tmp/icc.webp" -o $webp/webpmux-lossy-icc-xmp.webp >/dev/null 2>&1
cp $webp/cwebp-lossless-z9.webp $webp/exiftool-lossless-orientation-6.webp
exiftool -q -overwrite_original -Orientation#=6 $webp/exiftool-lossless-orientation-6.webp
vips webpsave "$tmp/photo.ppm" $webp/vips-lossy.webp --Q 40
vips webpsave "$sprite" $webp/vips-lossless-alpha.webp --lossless
convert "$sprite" -define webp:lossless=true $webp/magick-lossless-alpha.webp
$python -c 'import sys; from PIL import Image; Image.open(sys.argv[1]).save(sys.argv[2], quality=60, method=6)' "$tmp/photo.ppm" $webp/pillow-lossy.webp
# golang.org/x/image/webp has no animation.
av=variants/webp
gif2webp -quiet -lossy -q 60 "$tmp/anim.gif" -o $av/gif2webp-lossy.webp
gif2webp -quiet -mixed "$tmp/anim.gif" -o $av/gif2webp-mixed.webp
img2webp -loop 0 -lossy -q 50 -d 80 "$tmp/frame0.png" "$tmp/frame1.png" -lossless "$tmp/frame2.png" -o $av/img2webp-mixed.webp >/dev/null 2>&1
webpmux -frame $webp/cwebp-lossy-alpha.webp +100+0+0+1+b -frame $webp/cwebp-lossless-alpha-exact.webp +50+10+6+0-b -loop 3 -bgcolor 255,10,20,30 -o $av/webpmux-alpha-offsets.webp >/dev/null 2>&1
webpmux -set xmp "$tmp/empty.xmp" $av/gif2webp-lossy.webp -o $av/webpmux-animated-xmp.webp >/dev/null 2>&1
$python - "$tmp" "$av" <<'PY'
import sys
from PIL import Image
tmp, out = sys.argv[1:]
frames = [Image.open(f"{tmp}/frame{i}.png").convert("RGB") for i in range(4)]
frames[0].save(f"{out}/pillow-animated-lossless.webp", save_all=True, append_images=frames[1:], duration=70, lossless=True)
PY

# --- BMP -------------------------------------------------------------------

cp "$ximage"/bmp_?bpp.bmp "$ximage"/colormap*.bmp "$ximage/video-001.bmp" "$ximage"/yellow_rose-small*.bmp "$bmp/"
b() { convert "$1" $3 "$2"; }
b "$corners" $bmp/magick-v4-24.bmp ""
b "$corners" BMP3:$bmp/magick-info-24.bmp ""
b "$corners" BMP3:$bmp/magick-info-8.bmp "-colors 200 -type Palette -compress None"
b "$corners" BMP3:$bmp/magick-info-4.bmp "-colors 13 -type Palette -compress None"
b "$corners" BMP3:$bmp/magick-info-1.bmp "-monochrome -compress None"
b "$sprite" $bmp/magick-v5-32-alpha.bmp ""
b "$corners" $bmp/magick-v4-8-gray.bmp "-colorspace Gray -compress None"
v=variants/bmp
b "$corners" BMP2:$v/magick-os2-24.bmp ""
b "$corners" BMP2:$v/magick-os2-8.bmp "-colors 200 -type Palette"
b "$corners" $v/magick-v4-rle8.bmp "-colors 200 -type Palette -compress RLE"
b "$corners" $v/magick-16-rgb565.bmp "-define bmp:subtype=RGB565"
b "$corners" $v/magick-16-rgb555.bmp "-define bmp:subtype=RGB555"
b "$sprite" $v/magick-16-argb1555.bmp "-define bmp:subtype=ARGB1555"
b "$sprite" $v/magick-16-argb4444.bmp "-define bmp:subtype=ARGB4444"
ppmtobmp -quiet -windows "$corners" >$bmp/netpbm-windows-24.bmp
ppmtobmp -quiet -os2 "$corners" >$v/netpbm-os2-24.bmp
for n in 2 16 200; do
	bits=$([ $n = 2 ] && echo 1 || { [ $n = 16 ] && echo 4 || echo 8; })
	convert "$corners" -colors $n "$tmp/pal.ppm"
	ppmtobmp -quiet -windows "$tmp/pal.ppm" >$bmp/netpbm-windows-$bits.bmp
	ppmtobmp -quiet -os2 "$tmp/pal.ppm" >$v/netpbm-os2-$bits.bmp
done
$python - "$tmp" "$bmp" <<'PY'
import sys
from PIL import Image
tmp, out = sys.argv[1:]
im = Image.open(f"{tmp}/corners.ppm")
im.save(f"{out}/pillow-24.bmp")
im.quantize(64).save(f"{out}/pillow-8.bmp")
im.convert("L").save(f"{out}/pillow-gray8.bmp")
im.convert("1").save(f"{out}/pillow-1.bmp")
im.convert("RGBA").save(f"{out}/pillow-32.bmp")
PY
# Go's own writer, and top-down rows, which few programs write.
cat >"$tmp/gobmp.go" <<'GO'
package main

import (
	"encoding/binary"
	"image"
	_ "image/png"
	"os"

	"golang.org/x/image/bmp"
)

func main() {
	f, err := os.Open(os.Args[1])
	check(err)
	img, _, err := image.Decode(f)
	check(err)
	out, err := os.Create(os.Args[2])
	check(err)
	check(bmp.Encode(out, img))
	check(out.Close())

	b, err := os.ReadFile(os.Args[2])
	check(err)
	h := img.Bounds().Dy()
	binary.LittleEndian.PutUint32(b[22:], uint32(-h))
	px := b[binary.LittleEndian.Uint32(b[10:]):]
	stride := len(px) / h
	for y := 0; y < h/2; y++ {
		for x := range stride {
			p, q := y*stride+x, (h-1-y)*stride+x
			px[p], px[q] = px[q], px[p]
		}
	}
	check(os.WriteFile(os.Args[3], b, 0o666))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO
go run "$tmp/gobmp.go" "$tmp/corners.png" $bmp/go-24.bmp $bmp/top-down-24.bmp
go run "$tmp/gobmp.go" "$sprite" $bmp/go-32-alpha.bmp $bmp/top-down-32-alpha.bmp

# --- HEIC ------------------------------------------------------------------

h() { out=$1 in=$2; shift 2; heif-enc "$@" -o "$out" "$in" >/dev/null 2>&1; }
h $heic/heif-enc-q50.heic "$photo" -q 50
h $heic/heif-enc-q10.heic "$photo" -q 10
h $heic/heif-enc-q100.heic "$tmp/corners.png" -q 100
h $heic/heif-enc-lossless-420.heic "$tmp/corners.png" -L
h $heic/heif-enc-lossless-rgb444.heic "$tmp/corners.png" -L -p chroma=444 --matrix_coefficients=0
h $heic/heif-enc-422.heic "$photo" -p chroma=422
h $heic/heif-enc-444.heic "$photo" -p chroma=444
convert "$photo" -depth 16 -evaluate multiply 0.997 -define png:bit-depth=16 "$tmp/photo16.png"
h $heic/heif-enc-10-bit.heic "$tmp/photo16.png" -b 10
h $heic/heif-enc-10-bit-444.heic "$tmp/photo16.png" -b 10 -p chroma=444
convert "$photo" -colorspace Gray -define png:color-type=0 "$tmp/gray.png"
h $heic/heif-enc-gray.heic "$tmp/gray.png"
h $heic/heif-enc-alpha.heic "$sprite" -q 70
h $heic/heif-enc-alpha-premultiplied.heic "$sprite" --premultiplied-alpha
h $heic/heif-enc-thumbnail.heic "$photo" -t 64
h $heic/heif-enc-alpha-thumbnail.heic "$sprite" -t 24
h $heic/heif-enc-nclx-limited.heic "$photo" --full_range_flag 0 --matrix_coefficients 1 --colour_primaries 1 --transfer_characteristic 1
h $heic/heif-enc-icc.heic $jpeg/cjpeg-icc.jpg
h $heic/heif-enc-exif-xmp-icc.heic $jpeg/exif-like-a-phone.jpg -q 40
convert "$tmp/odd.ppm" "$tmp/odd.png"
h $heic/heif-enc-odd-size-17x9.heic "$tmp/odd.png"
h $heic/heif-enc-x265-ctu16.heic "$photo" -p x265:ctu=16
h $heic/heif-enc-x265-tskip-signhide-off.heic "$photo" -p x265:tskip=1 -p x265:signhide=0
h $heic/heif-enc-x265-wavefront-off.heic "$photo" -p x265:wpp=0 -p x265:sao=0 -p x265:deblock=0
h $heic/heif-enc-preset-veryslow.heic "$tmp/corners.png" -p preset=veryslow
h $heic/heif-enc-preset-ultrafast.heic "$photo" -p preset=ultrafast
heif-enc -q 40 -o $heic/heif-enc-three-pictures.heic "$tmp/frame0.png" "$tmp/frame1.png" "$tmp/frame2.png" >/dev/null 2>&1
vips heifsave "$tmp/photo.ppm" $heic/vips-q40.heic --Q 40 --compression hevc
vips heifsave "$sprite" $heic/vips-alpha-lossless.heic --lossless --compression hevc
convert "$photo" -quality 40 $heic/magick-q40.heic
for t in 0 1 2 3; do
	convert "$photo" -resize 256x256! -crop 128x128+$((t % 2 * 128))+$((t / 2 * 128)) +repage "$tmp/tile$t.png"
	h "$tmp/tile$t.heic" "$tmp/tile$t.png" -q 40
done
# Below 64 pixels x265 codes a larger picture that only clap cuts: three times as large it has none.
convert "$corners" -filter point -resize 300% "$tmp/single.png"
h "$tmp/single.heic" "$tmp/single.png" -q 70
$python make_heif.py "$tmp" "$heic"

# --- What Go's decoders lack moves to variants/ -----------------------------

cat >"$tmp/check.go" <<'GO'
package main

import (
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"strings"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"
)

// Moves a file to variants/ if no decoder of Go shows it, and to good/ if one does.
func main() {
	for _, format := range []string{"png", "jpeg", "webp", "bmp"} {
		good, err := filepath.Glob("good/" + format + "/*")
		check(err)
		lacking, err := filepath.Glob("variants/" + format + "/*")
		check(err)
		for _, name := range append(good, lacking...) {
			f, err := os.Open(name)
			check(err)
			_, _, err = image.Decode(f)
			f.Close()
			dir := "good"
			if err != nil {
				dir = "variants"
			}
			_, rest, _ := strings.Cut(name, "/")
			if to := dir + "/" + rest; to != name {
				fmt.Println("#", name, "->", to, err)
				check(os.MkdirAll(filepath.Dir(to), 0o777))
				check(os.Rename(name, to))
			}
		}
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO
go run "$tmp/check.go"

# --- What goes on behind the picture moves to tails/ ------------------------

mkdir -p tails/jpeg tails/bmp
mv good/jpeg/pillow-mpo.jpg tails/jpeg/
mv good/bmp/bmp_4bpp.bmp good/bmp/bmp_8bpp.bmp tails/bmp/
for f in good/heic/*; do heif-convert "$f" "$tmp/out.png" >/dev/null 2>&1 || { echo "libheif refuses $f"; exit 1; }; done
find good variants tails -type f -exec chmod 644 {} +
for d in good/* variants/* tails/*; do [ -d "$d" ] && echo "# $d: $(ls "$d" | wc -l) files, $(du -sb "$d" | cut -f1) bytes"; done
