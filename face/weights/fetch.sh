#!/bin/sh
# Fetches the nets again, from the package that they were taken from, and compares them.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent @mediapipe/face_detection@0.4.1657300184 >/dev/null && tar xzf ./*.tgz)
for net in face_detection_short_range.tflite face_detection_full_range.tflite; do
	install -m 644 "$work/package/$net" "$net"
done
sha256sum -c SHA256SUMS
