//go:build !imgvet_verdictonly

package heic

import (
	"errors"
	"fmt"
	"image"
)

// checkPlanes checks that a decoded picture is what the SPS promises, and that
// its planes hold all pixels of its bounds. A monochrome one (4:0:0) comes as
// 4:2:0 without colour.
func checkPlanes(img *image.YCbCr, c *config) error {
	size := image.Pt(c.sps.Width, c.sps.Height)
	ratio := [4]image.YCbCrSubsampleRatio{0: image.YCbCrSubsampleRatio420, 1: image.YCbCrSubsampleRatio420, 2: image.YCbCrSubsampleRatio422, 3: image.YCbCrSubsampleRatio444}[c.sps.ChromaFormat&3]
	if img.Rect != (image.Rectangle{Max: size}) || img.SubsampleRatio != ratio {
		return fmt.Errorf("a picture of %v %v, where the stream says %v %v", img.Rect, img.SubsampleRatio, size, ratio)
	}
	w, h, _ := chromaSize(ratio, size)
	if img.YStride < size.X || len(img.Y) < (size.Y-1)*img.YStride+size.X ||
		img.CStride < w || len(img.Cb) < (h-1)*img.CStride+w || len(img.Cr) < (h-1)*img.CStride+w {
		return errors.New("planes smaller than the picture")
	}
	return nil
}
