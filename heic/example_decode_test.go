//go:build cgo && (linux || darwin)

package heic_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/imgvet/imgvet/heic"
)

// Decode verifies first, and then has a process of its own make the pixels,
// upright. Main has called ServeWorker.
func ExampleDecode() {
	b, err := os.ReadFile(phone)
	if err != nil {
		fmt.Println(err)
		return
	}
	img, err := heic.Decode(context.Background(), b, heic.Limits{MaxPixels: 1 << 20, Timeout: 10 * time.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(img.Bounds())
	// Output: (0,0)-(128,256)
}
