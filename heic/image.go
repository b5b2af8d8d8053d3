package heic

import (
	"cmp"
	"slices"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/heic/internal/hevc"
	"github.com/imgvet/imgvet/internal/verify"
)

// describePrimary fills info from the primary item's properties, and checks its
// size against the limit.
func (v *verifier) describePrimary() error {
	it := v.Item(v.Primary)
	if it == nil {
		return verify.Faultf(verify.Malformed, -1, "the primary item %d is not there", v.Primary)
	}
	p, err := v.Properties(it)
	if p.Size.W > 0 && p.Size.W <= heif.MaxSide && p.Size.H <= heif.MaxSide {
		v.info.Width, v.info.Height = int(p.Size.W), int(p.Size.H)
	}
	if err != nil {
		return err
	}
	if err := verify.CheckSize(p.Size.W, p.Size.H, v.lim.verify(), p.SizeAt); err != nil {
		return err
	}
	if p.Size.W > heif.MaxSide || p.Size.H > heif.MaxSide {
		return verify.Faultf(verify.Unsupported, p.SizeAt, "%dx%d: a side over %d", p.Size.W, p.Size.H, heif.MaxSide)
	}
	s, err := heif.Follow(p.Steps, p.Size)
	if err != nil {
		return err
	}
	v.info.Orientation, v.info.Clap = int(s.Orient), s.Crop
	if c, err := v.firstConfig(it, p, 0); err == nil && c != nil {
		v.info.BitDepth, v.info.Chroma = c.SPS.BitDepthLuma, chromaName(c.SPS.ChromaFormat)
		if p.Colour == nil { // without nclx viewers go by the stream
			v.info.Facts.HDR = verify.HDRTransfer(int(c.SPS.Transfer))
		}
	}
	return nil
}

// firstConfig returns the decoder configuration of the first coded picture under
// an item.
func (v *verifier) firstConfig(it *heif.Item, p heif.Properties, depth int) (*heif.Config, error) {
	r := v.Reference("dimg", it.ID)
	if p.Config != nil || r == nil || r.Len() == 0 || depth >= heif.MaxDerivation {
		return p.Config, nil
	}
	in := v.Item(r.ID(0))
	if in == nil {
		return nil, nil
	}
	q, err := v.Properties(in)
	if err != nil {
		return nil, err
	}
	return v.firstConfig(in, q, depth+1)
}

func chromaName(format int) string {
	return [4]string{"4:0:0", "4:2:0", "4:2:2", "4:4:4"}[format&3]
}

// verifyPrimary verifies the primary item and all that it is made of.
func (v *verifier) verifyPrimary() error {
	err := v.streamed(func() error { return v.verifyImage(v.Item(v.Primary), 0) })
	if err != nil || v.arriving {
		return err
	}
	return v.checkOverlap()
}

// verifyAlpha verifies the alpha plane of the primary item: viewers that show
// the picture blend with it, and fail where it is broken.
func (v *verifier) verifyAlpha() error {
	for i := range v.References {
		r := &v.References[i]
		if string(r.Type[:]) != "auxl" || !r.Names(v.Primary) {
			continue
		}
		it := v.Item(r.From)
		if it == nil || !v.IsAlpha(it) {
			continue
		}
		if err := v.streamed(func() error { return v.verifyImage(it, 0) }); err != nil {
			return err
		}
	}
	return nil
}

// verifyImage verifies an image item, coded or derived. An item that several
// others are made of is verified once.
func (v *verifier) verifyImage(it *heif.Item, depth int) error {
	switch {
	case v.state(it).visit == visiting:
		return verify.Faultf(verify.Malformed, it.At, "item %d is made of itself", it.ID)
	case depth+v.state(it).height > heif.MaxDerivation: // also where it was verified at a place less deep
		return verify.Faultf(verify.TooMuchWork, it.At, "derived items over %d deep", heif.MaxDerivation)
	case v.state(it).visit == visited:
		return nil
	case it.Protected:
		return verify.Faultf(verify.Unsupported, it.At, "item %d is encrypted", it.ID)
	}
	v.state(it).visit = visiting
	before := v.pixels
	p, err := v.Properties(it)
	if err != nil {
		return err
	}
	if err := verify.CheckSize(p.Size.W, p.Size.H, v.lim.coded(), p.SizeAt); err != nil {
		return err
	}
	s, err := heif.Follow(p.Steps, p.Size)
	if err != nil {
		return err
	}
	v.state(it).out = s.Size()

	switch string(it.Type[:]) {
	case "hvc1":
		err = v.verifyCoded(it, &p)
	case "grid":
		err = v.verifyGrid(it, &p, depth)
	case "iovl":
		err = v.verifyOverlay(it, &p, depth)
	case "iden":
		err = v.verifyIdentity(it, &p, depth)
	default:
		err = verify.Faultf(verify.Unsupported, it.At, "item type %q", it.Printable())
	}
	if err != nil {
		return err
	}
	v.state(it).visit, v.state(it).cost = visited, v.pixels-before
	return nil
}

// spend counts the pixels that decoding will touch.
func (v *verifier) spend(at int, pixels int64) error {
	limit := layersPerPixel*v.lim.maxPixels() + codedSlack
	if v.pixels += pixels; v.pixels > limit {
		return verify.TooMany(at, "pixels in all layers", limit, v.pixels)
	}
	return nil
}

// verifyCoded verifies one HEVC-coded picture.
func (v *verifier) verifyCoded(it *heif.Item, p *heif.Properties) error {
	c := p.Config
	if c == nil {
		return verify.Faultf(verify.Malformed, it.At, "item %d has no hvcC", it.ID)
	}
	sps := &c.SPS
	// What the decoder will allocate is what the SPS says, not what ispe says.
	if err := verify.CheckSize(int64(sps.CodedWidth), int64(sps.CodedHeight), v.lim.coded(), c.At); err != nil {
		return err
	}
	// 23008-12, 6.5.3.1: ispe gives the size of the reconstructed image.
	if (int64(sps.Width) != p.Size.W || int64(sps.Height) != p.Size.H) && !(v.beside && fillsBlocks(sps, p.Size)) {
		return verify.Faultf(verify.Malformed, p.SizeAt, "ispe says %dx%d, the stream %dx%d", p.Size.W, p.Size.H, sps.Width, sps.Height)
	}
	if p.Stated != p.Size {
		v.warn(verify.SizeDisagrees, p.SizeAt, "ispe is not the size of the stream's picture")
	}
	if err := v.spend(it.At, p.Size.Area()); err != nil {
		return err
	}
	v.checkPixi(p, sps.BitDepthLuma, sps.ChromaFormat)
	data, err := v.Read(it)
	if err != nil {
		return err
	}
	if v.spans == nil {
		v.spans = make([]coded, 0, len(v.Items))
	}
	for _, s := range data.Spans {
		v.spans = append(v.spans, coded{s, it})
	}
	return v.verifyStream(it, c, data)
}

// fillsBlocks tells whether a stream's picture is the stated one, filled up to whole coding
// tree blocks. Sony's cameras write previews so, without a conformance window: 1616x1080 is
// 1664x1088 in the stream.
func fillsBlocks(sps *hevc.SPS, stated heif.Size) bool {
	const block = 64 // the largest (H.265, A.3)
	w, h := int64(sps.Width), int64(sps.Height)
	return sps.Width == sps.CodedWidth && sps.Height == sps.CodedHeight &&
		stated.W <= w && w < stated.W+block && stated.H <= h && h < stated.H+block
}

// checkPixi warns where pixi does not say what the stream says.
func (v *verifier) checkPixi(p *heif.Properties, depth, chroma int) {
	if p.Channel == nil {
		return
	}
	ok := len(p.Channel) == 3 || len(p.Channel) == 1 && chroma == 0
	for _, bits := range p.Channel {
		ok = ok && int(bits) == depth
	}
	if !ok {
		v.warn(verify.SizeDisagrees, p.PixiAt, "pixi does not match the stream")
	}
}

// checkOverlap refuses coded pictures that share some of their bytes: nothing
// writes such, and it lets a small file pose as much work. Pictures that share
// all of them (one tile used in several places) are fine.
func (v *verifier) checkOverlap() error {
	slices.SortFunc(v.spans, func(a, b coded) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.N, b.N)) })
	total, end := 0, 0
	for i, s := range v.spans {
		total += s.N
		if i > 0 && s.N > 0 && s.At < end && s.Span != v.spans[i-1].Span {
			return verify.Faultf(verify.Malformed, s.At, "items %d and %d overlap", v.spans[i-1].it.ID, s.it.ID)
		}
		end = max(end, s.At+s.N)
	}
	if limit := 2 * len(v.Bytes); total > limit {
		return verify.TooMany(-1, "bytes in all items", int64(limit), int64(total))
	}
	return nil
}

// coded is a byte run of a coded picture that the shown picture needs.
type coded struct {
	heif.Span
	it *heif.Item
}
