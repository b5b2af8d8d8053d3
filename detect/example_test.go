package detect_test

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
)

func Example() {
	for _, head := range []string{
		"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
		"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic",
		"GIF89a\x01\x00\x01\x00",
	} {
		switch f := detect.Detect([]byte(head)); f {
		case detect.Unknown:
			fmt.Println("not one of ours:", detect.Describe([]byte(head)))
		default:
			fmt.Println(f, f.MIME(), f.Extensions()[0])
		}
	}
	// Output:
	// jpeg image/jpeg jpg
	// heic image/heic heic
	// not one of ours: image/gif
}

// Detect tells from the first bytes what a file claims to be. A RIFF file is a WebP only if
// its form type says so: a WAV is Unknown.
func ExampleDetect() {
	fmt.Println(detect.Detect([]byte("\x89PNG\r\n\x1a\n")))
	fmt.Println(detect.Detect([]byte("RIFF\x24\x00\x00\x00WAVEfmt ")) == detect.Unknown)
	// Output:
	// png
	// true
}

func ExampleDescribe() {
	fmt.Println(detect.Describe([]byte("%PDF-1.7\n")))
	fmt.Println(detect.Describe([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")))
	fmt.Println(detect.Describe(nil))
	// Output:
	// application/pdf
	// image/png
	// application/octet-stream
}
