module github.com/imgvet/imgvet/web/build/brotli

go 1.26.0

require github.com/andybalholm/brotli v1.2.7
