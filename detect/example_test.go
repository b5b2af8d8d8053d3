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
