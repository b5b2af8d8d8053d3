#!/bin/sh
# Draws avatars of people with npm packages, 40 of each style, and renders them.
# The packages and their drawings are no part of this repository.
#
#     face/bench/train/drawn/draw.sh [folder]    # by default .cache/drawn in the repository
#
# Needs npm, node and rsvg-convert (Debian: librsvg2-bin).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here/../../../../.cache/drawn}
mkdir -p "$to"
to=$(cd "$to" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/draw.mjs" "$tmp"
cd "$tmp"
npm ci --silent --ignore-scripts --legacy-peer-deps
node draw.mjs "$to"
for svg in "$to"/*/*.svg; do
	case $svg in
	*[02468].svg) height=256 ;;
	*) height=400 ;;
	esac
	rsvg-convert -h "$height" "$svg" -o "${svg%.svg}.png"
	rm "$svg"
done
