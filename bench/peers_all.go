//go:build cgo && peers

package main

// peers returns the libraries. Debian has them as libdeflate-dev, libjpeg62-turbo-dev,
// libwebp-dev and libheif-dev.
func peers() []library {
	return []library{
		{"libdeflate", "PNG", deflatePNG},
		{"libjpeg-turbo", "JPEG", turboJPEG},
		{"libwebp", "WebP", libWebP},
		{"libheif", "HEIC", libHEIF},
	}
}
