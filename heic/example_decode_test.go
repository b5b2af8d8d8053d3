package heic_test

import (
	"context"
	"fmt"
	"os"

	"github.com/imgvet/imgvet/heic"
)

// Decode verifies first, and then makes the pixels, upright.
func ExampleDecode() {
	b, err := os.ReadFile(phone)
	if err != nil {
		fmt.Println(err)
		return
	}
	img, err := heic.Decode(context.Background(), b, heic.Limits{MaxPixels: 1 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(img.Bounds())
	// Output: (0,0)-(128,256)
}

// A small picture of a large one is made without the large one.
func ExampleDecodeReduced() {
	b, err := os.ReadFile(phone)
	if err != nil {
		fmt.Println(err)
		return
	}
	img, err := heic.DecodeReduced(context.Background(), b, heic.Limits{}, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(img.Bounds())
	// Output: (0,0)-(32,64)
}
