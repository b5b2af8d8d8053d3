package heic_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// Two tiles side by side, turned by a quarter, with a thumbnail and EXIF, as a
// phone writes them.
const phone = "../testdata/good/heic/grid-1x2-irot-exif-thumbnail.heic"

func ExampleInspect() {
	b, err := os.ReadFile(phone)
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := heic.Inspect(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Width, info.Height, info.Orientation, info.Brands)
	for _, item := range info.Items {
		fmt.Println(item.ID, item.Type, item.Role)
	}
	// Output:
	// 256 128 6 [heic mif1]
	// 1 hvc1 input
	// 2 hvc1 input
	// 3 grid primary
	// 4 Exif metadata
	// 5 hvc1 thumbnail
}

// Verify reads every bit of the coded pictures, and misses a last byte that is not
// there.
func ExampleVerify() {
	b, err := os.ReadFile(phone)
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := heic.Verify(b, heic.Limits{})
	fmt.Println(info.BitDepth, info.Chroma, err)

	_, err = heic.Verify(b[:len(b)-1], heic.Limits{})
	var refusal *heic.Error
	fmt.Println(errors.As(err, &refusal), refusal.Reason)
	// Output:
	// 8 4:2:0 <nil>
	// true truncated
}

// Within this module a file can be verified while it arrives.
func ExampleVerifyInput() {
	b, err := os.ReadFile(phone)
	if err != nil {
		fmt.Println(err)
		return
	}
	n := 0
	in := verify.Arriving(context.Background(), nil, -1, func(context.Context, int, int64) ([]byte, bool, error) {
		n = min(n+1000, len(b))
		return b[:n], n == len(b), nil
	})
	info, err := heic.VerifyInput(in, heic.Limits{})
	fmt.Println(info.Width, info.Height, err)
	// Output: 256 128 <nil>
}
