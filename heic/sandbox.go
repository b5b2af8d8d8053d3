//go:build (cgo || nodynamic) && !imgvet_nosandbox && !js && !wasip1 && !imgvet_verdictonly

package heic

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"

	wasmheic "github.com/gen2brain/heic"

	"github.com/imgvet/imgvet/heic/internal/hevc"
)

// sandboxSlots bounds how many pictures are decoded in the sandbox at a time: a
// call that has begun there cannot be ended, only left behind.
var sandboxSlots = make(chan struct{}, 2)

// Importing github.com/gen2brain/heic registers it with package image, and where it
// finds a libheif on the system it hands that whatever image.Decode is given, by
// this package or by anybody in the program. C code must not see a stranger's bytes
// in this process, so this is set before main begins and anything is decoded.
func init() { wasmheic.ForceWasmMode = true }

// sandbox returns a coder that decodes with libheif compiled to WebAssembly. The
// library is handed one verified coded picture at a time, in a container made
// here, so that it reads no box that a stranger wrote.
func sandbox(ctx context.Context) (coder, error) {
	return func(c *config, units [][]byte) (*image.YCbCr, error) {
		select {
		case sandboxSlots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		type result struct {
			img *image.YCbCr
			err error
		}
		file := container(&c.sps, units)
		done := make(chan result, 1)
		go func() {
			defer func() { <-sandboxSlots }()
			img, err := decodeContainer(c, file)
			done <- result{img, err}
		}()
		select {
		case r := <-done:
			return r.img, r.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}, nil
}

// decodeContainer decodes what container has made.
func decodeContainer(c *config, file []byte) (img *image.YCbCr, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("heic: the sandboxed decoder panicked: %v", r)
		}
	}()
	out, err := wasmheic.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("heic: the sandboxed decoder failed: %w", err)
	}
	size := image.Pt(c.sps.Width, c.sps.Height)
	last := image.Rectangle{Max: size}.Add(image.Pt((copiesOf(&c.sps)-1)*size.X, 0))
	switch m := out.(type) {
	case *image.YCbCr:
		mend(m.Y, m.YStride)
		img = atOrigin(m.SubImage(last).(*image.YCbCr))
	case *image.NRGBA:
		mend(m.Pix, m.Stride)
		img, err = neutral(m.SubImage(last).(*image.NRGBA))
	default:
		err = fmt.Errorf("a picture of type %T", out)
	}
	if err == nil {
		err = checkPlanes(img, c)
	}
	if err != nil {
		return nil, fmt.Errorf("heic: the sandboxed decoder returned %w", err)
	}
	return img, nil
}

// mend restores the first bytes of a picture from the row below. The binding hands
// out the sandbox's memory after it has freed it, and the allocator there keeps the
// six words of a free chunk in its first 24 bytes.
func mend(plane []byte, stride int) {
	const freeChunk = 24
	if stride > 0 && len(plane) >= stride+freeChunk {
		copy(plane[:min(freeChunk, stride)], plane[stride:])
	}
}

// atOrigin returns a part of a picture as one whose bounds start at 0, 0.
func atOrigin(m *image.YCbCr) *image.YCbCr {
	m.Rect = m.Rect.Sub(m.Rect.Min)
	return m
}

// neutral makes 4:2:0 without colour of a monochrome picture that came as RGB.
func neutral(m *image.NRGBA) (*image.YCbCr, error) {
	size := m.Rect.Size()
	if m.Stride < 4*size.X || len(m.Pix) < (size.Y-1)*m.Stride+4*size.X {
		return nil, errors.New("a plane smaller than the picture")
	}
	img := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
	for y := range size.Y {
		for x := range size.X {
			img.Y[y*img.YStride+x] = m.Pix[y*m.Stride+4*x]
		}
	}
	for _, plane := range [][]byte{img.Cb, img.Cr} {
		for i := range plane {
			plane[i] = 128
		}
	}
	return img, nil
}

// minSandboxWidth is the least width that the binding reads right: it takes the
// stride of a plane for its width rounded up to 16, and libheif makes none
// shorter than 64 samples, of chroma in 4:2:0 too.
const minSandboxWidth = 128

// copiesOf returns how many copies of a picture make up the least width.
func copiesOf(sps *hevc.SPS) int { return max(1, (minSandboxWidth+sps.Width-1)/sps.Width) }

// container makes a HEIC file of one coded picture (ISO/IEC 23008-12): item 1 is a
// grid of one row, the others all the picture, which it shows as often side by
// side as the width needs: once for all but the narrowest.
func container(sps *hevc.SPS, units [][]byte) []byte {
	be := binary.BigEndian
	hvcC, slices := splitUnits(sps, units)
	copies := copiesOf(sps)
	pictureSize := be.AppendUint32(be.AppendUint32(nil, uint32(sps.Width)), uint32(sps.Height))
	gridSize := be.AppendUint32(be.AppendUint32(nil, uint32(copies*sps.Width)), uint32(sps.Height))
	grid := append([]byte{0, 1, 0, byte(copies - 1)}, gridSize...) // 6.6.2.3.2, with 32-bit sizes

	// Whatever the stream says, the samples are to come out untouched: BT.601 (H.273,
	// table 4: 6) of full range is what the binding asks for, so that the library has
	// nothing to convert. The binding takes no monochrome pictures; with the matrix
	// of RGB (0, identity) the library hands them out as RGB.
	matrix := byte(6)
	if sps.ChromaFormat == 0 {
		matrix = matrixIdentity
	}
	colr := makeBox("colr", []byte{'n', 'c', 'l', 'x', 0, 1, 0, 13, 0, matrix, 0x80})
	// The library takes no item twice in one grid, but items of the same bytes.
	items := uint16(1 + copies)
	infe := [][]byte{be.AppendUint16(make([]byte, 4), items), makeBox("infe", []byte{2, 0, 0, 0, 0, 1, 0, 0}, []byte("grid\x00"))}
	ipma := be.AppendUint32(make([]byte, 4), uint32(items))
	ipma = append(ipma, 0, 1, 2, 3, 4) // the grid: ispe, colr
	dimg := be.AppendUint16([]byte{0, 1}, uint16(copies))
	for id := uint16(2); id <= items; id++ {
		infe = append(infe, makeBox("infe", be.AppendUint16([]byte{2, 0, 0, 0}, id), []byte("\x00\x00hvc1\x00")))
		ipma = append(be.AppendUint16(ipma, id), 3, 0x81, 2, 4) // the picture: hvcC, ispe, colr
		dimg = be.AppendUint16(dimg, id)
	}
	properties := makeBox("iprp",
		makeBox("ipco",
			makeBox("hvcC", hvcC),
			makeBox("ispe", make([]byte, 4), pictureSize),
			makeBox("ispe", make([]byte, 4), gridSize),
			colr),
		makeBox("ipma", ipma))
	meta := func(at int) []byte {
		iloc := be.AppendUint16([]byte{1, 0, 0, 0, 0x44, 0}, items) // version 1, offsets and lengths of 4 bytes
		iloc = append(iloc, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0)     // in idat
		iloc = be.AppendUint32(iloc, uint32(len(grid)))
		for id := uint16(2); id <= items; id++ {
			iloc = append(be.AppendUint16(iloc, id), 0, 0, 0, 0, 0, 1)
			iloc = be.AppendUint32(be.AppendUint32(iloc, uint32(at)), uint32(len(slices)))
		}
		return makeBox("meta", make([]byte, 4),
			makeBox("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)),
			makeBox("pitm", []byte{0, 0, 0, 0, 0, 1}),
			makeBox("iloc", iloc),
			makeBox("iinf", infe...),
			makeBox("iref", make([]byte, 4), makeBox("dimg", dimg)),
			properties,
			makeBox("idat", grid))
	}
	ftyp := makeBox("ftyp", []byte("heic\x00\x00\x00\x00mif1heic"))
	const mdatHead = 8
	at := len(ftyp) + len(meta(0)) + mdatHead
	return bytes.Join([][]byte{ftyp, meta(at), makeBox("mdat", slices)}, nil)
}

// splitUnits makes an hvcC (ISO/IEC 14496-15, 8.3.3.1.2) of the parameter sets, and
// the item's data of the slices.
func splitUnits(sps *hevc.SPS, units [][]byte) (hvcC, slices []byte) {
	var sets [3][][]byte // VPS, SPS, PPS
	for _, u := range units {
		if kind := u[0] >> 1; kind >= nalVPS && kind <= nalPPS {
			sets[kind-nalVPS] = append(sets[kind-nalVPS], u)
			continue
		}
		slices = append(binary.BigEndian.AppendUint32(slices, uint32(len(u))), u...)
	}
	hvcC = make([]byte, 23)
	hvcC[0] = 1                                  // configurationVersion
	hvcC[13], hvcC[15] = 0xf0, 0xfc              // min_spatial_segmentation_idc, parallelismType: unknown
	hvcC[16] = 0xfc | byte(sps.ChromaFormat)     // chroma_format_idc
	hvcC[17] = 0xf8 | byte(sps.BitDepthLuma-8)   // bit_depth_luma_minus8
	hvcC[18] = 0xf8 | byte(sps.BitDepthChroma-8) // bit_depth_chroma_minus8
	hvcC[21] = 1<<3 | 3                          // one temporal layer, lengths of four bytes
	hvcC[22] = byte(len(sets))
	for i, nals := range sets {
		hvcC = append(hvcC, 0x80|byte(nalVPS+i)) // array_completeness
		hvcC = binary.BigEndian.AppendUint16(hvcC, uint16(len(nals)))
		for _, nal := range nals {
			hvcC = append(binary.BigEndian.AppendUint16(hvcC, uint16(len(nal))), nal...)
		}
	}
	return hvcC, slices
}

// makeBox returns a box of a type and its content (ISO/IEC 14496-12, 4.2).
func makeBox(kind string, content ...[]byte) []byte {
	b := append([]byte{0, 0, 0, 0}, kind...)
	for _, c := range content {
		b = append(b, c...)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}
