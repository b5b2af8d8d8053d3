#!/bin/bash -eu
# Builds the targets for OSS-Fuzz, whose builder image has compile_go_fuzzer, with seeds.
cd "$SRC/imgvet"
package=github.com/imgvet/imgvet/fuzz/internal/ossfuzz

compile_go_fuzzer $package FuzzPNG fuzz_png
compile_go_fuzzer $package FuzzJPEG fuzz_jpeg
compile_go_fuzzer $package FuzzHEIC fuzz_heic
compile_go_fuzzer $package FuzzBMP fuzz_bmp
compile_go_fuzzer $package FuzzWebP fuzz_webp
compile_go_fuzzer $package FuzzRequest fuzz_request

for format in png jpeg heic bmp webp; do
  zip -qj "$OUT/fuzz_${format}_seed_corpus.zip" testdata/good/$format/*
done

# Requests with the smaller pictures, as a body and as a form's file.
seeds=$(mktemp -d)
n=0
find testdata/good -type f -size -2k | sort | while read -r file; do
  n=$((n + 1))
  {
    printf 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n' "$(stat -c %s "$file")"
    cat "$file"
  } >"$seeds/body$n"
  {
    printf -- '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    cat "$file"
    printf '\r\n--b--\r\n'
  } >"$seeds/form"
  {
    printf 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n' "$(stat -c %s "$seeds/form")"
    cat "$seeds/form"
  } >"$seeds/form$n"
done
rm "$seeds/form"
zip -qj "$OUT/fuzz_request_seed_corpus.zip" "$seeds"/*
