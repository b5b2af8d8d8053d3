package heic_test

import (
	"crypto/sha256"
	"encoding/binary"
	"image"
	"os"
	"testing"
)

// startPeer is another decoder's process, nil in builds that have none.
var startPeer func()

// TestMain makes the test binary serve as another decoder where it is told to.
func TestMain(m *testing.M) {
	if os.Getenv(peerEnv) != "" && startPeer != nil {
		startPeer()
	}
	os.Exit(m.Run())
}

// sumOf is a checksum of all samples of a picture.
func sumOf(img *image.YCbCr) (sum [32]byte) {
	h := sha256.New()
	size := img.Rect.Size()
	_ = binary.Write(h, binary.LittleEndian, []int64{int64(size.X), int64(size.Y), int64(img.SubsampleRatio)})
	for y := range size.Y {
		i := img.YOffset(img.Rect.Min.X, img.Rect.Min.Y+y)
		h.Write(img.Y[i : i+size.X])
	}
	for y := range size.Y {
		from, to := img.COffset(img.Rect.Min.X, img.Rect.Min.Y+y), img.COffset(img.Rect.Max.X-1, img.Rect.Min.Y+y)
		h.Write(img.Cb[from : to+1])
		h.Write(img.Cr[from : to+1])
	}
	return [32]byte(h.Sum(nil))
}

// peerEnv makes the test binary a process that decodes one file after the other
// with goheif, as its users do, and answers with one byte each.
const peerEnv = "HEIC_TEST_PEER"

// What another decoder makes of a file.
const (
	shown   = "shown"
	warned  = "shown, with warnings"
	refuses = "refused"
	dies    = "dies or takes over 5 s"
)
