package heic

import (
	"cmp"
	"slices"

	"github.com/imgvet/imgvet/internal/verify"
)

// describePrimary fills info from the primary item's properties, and checks its
// size against the limit.
func (v *verifier) describePrimary() error {
	it := v.item(v.primary)
	if it == nil {
		return verify.Faultf(verify.Malformed, -1, "the primary item %d is not there", v.primary)
	}
	p, err := v.properties(it)
	if p.size.w > 0 && p.size.w <= maxSide && p.size.h <= maxSide {
		v.info.Width, v.info.Height = int(p.size.w), int(p.size.h)
	}
	if err != nil {
		return err
	}
	if err := verify.CheckSize(p.size.w, p.size.h, v.lim.verify(), p.sizeAt); err != nil {
		return err
	}
	if p.size.w > maxSide || p.size.h > maxSide {
		return verify.Faultf(verify.Unsupported, p.sizeAt, "%dx%d: a side over %d", p.size.w, p.size.h, maxSide)
	}
	s, err := follow(p.steps, p.size)
	if err != nil {
		return err
	}
	v.info.Orientation, v.info.Clap = int(s.orient), s.crop
	if c, err := v.firstConfig(it, p, 0); err == nil && c != nil {
		v.info.BitDepth, v.info.Chroma = c.sps.BitDepthLuma, chromaName(c.sps.ChromaFormat)
		if p.colour == nil { // without nclx viewers go by the stream
			v.info.Facts.HDR = verify.HDRTransfer(int(c.sps.Transfer))
		}
	}
	return nil
}

// firstConfig returns the decoder configuration of the first coded picture under
// an item.
func (v *verifier) firstConfig(it *item, p properties, depth int) (*config, error) {
	r := v.reference("dimg", it.id)
	if p.config != nil || r == nil || r.len() == 0 || depth >= maxDerivation {
		return p.config, nil
	}
	in := v.item(r.id(0))
	if in == nil {
		return nil, nil
	}
	q, err := v.properties(in)
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
	err := v.streamed(func() error { return v.verifyImage(v.item(v.primary), 0) })
	if err != nil {
		return err
	}
	return v.checkOverlap()
}

// verifyAlpha verifies the alpha plane of the primary item: viewers that show
// the picture blend with it, and fail where it is broken.
func (v *verifier) verifyAlpha() error {
	for i := range v.refs {
		r := &v.refs[i]
		if string(r.typ[:]) != "auxl" || !refersTo(r, v.primary) {
			continue
		}
		it := v.item(r.from)
		if it == nil || !v.isAlpha(it) {
			continue
		}
		if err := v.streamed(func() error { return v.verifyImage(it, 0) }); err != nil {
			return err
		}
	}
	return nil
}

func refersTo(r *reference, id uint32) bool {
	for i := range r.len() {
		if r.id(i) == id {
			return true
		}
	}
	return false
}

// verifyImage verifies an image item, coded or derived. An item that several
// others are made of is verified once.
func (v *verifier) verifyImage(it *item, depth int) error {
	switch {
	case v.state(it).visit == visited:
		return nil
	case v.state(it).visit == visiting:
		return verify.Faultf(verify.Malformed, it.at, "item %d is made of itself", it.id)
	case depth > maxDerivation:
		return verify.Faultf(verify.TooMuchWork, it.at, "derived items over %d deep", maxDerivation)
	case it.protected:
		return verify.Faultf(verify.Unsupported, it.at, "item %d is encrypted", it.id)
	}
	v.state(it).visit = visiting
	before := v.pixels
	p, err := v.properties(it)
	if err != nil {
		return err
	}
	if err := verify.CheckSize(p.size.w, p.size.h, v.lim.coded(), p.sizeAt); err != nil {
		return err
	}
	s, err := follow(p.steps, p.size)
	if err != nil {
		return err
	}
	v.state(it).out = s.size()

	switch string(it.typ[:]) {
	case "hvc1":
		err = v.verifyCoded(it, &p)
	case "grid":
		err = v.verifyGrid(it, &p, depth)
	case "iovl":
		err = v.verifyOverlay(it, &p, depth)
	case "iden":
		err = v.verifyIdentity(it, &p, depth)
	default:
		err = verify.Faultf(verify.Unsupported, it.at, "item type %q", printable(it.typ))
	}
	if err != nil {
		return err
	}
	v.state(it).visit, v.state(it).cost = visited, v.pixels-before
	return nil
}

// printable keeps a hostile item type from reaching a log as it is.
func printable(t [4]byte) string {
	for i, c := range t {
		if c < ' ' || c > '~' {
			t[i] = '?'
		}
	}
	return string(t[:])
}

// spend counts the pixels that decoding will touch.
func (v *verifier) spend(at int, pixels int64) error {
	limit := layersPerPixel*v.lim.maxPixels() + codedSlack
	if v.pixels += pixels; v.pixels > limit {
		return tooMany(at, "pixels in all layers", limit, v.pixels)
	}
	return nil
}

// verifyCoded verifies one HEVC-coded picture.
func (v *verifier) verifyCoded(it *item, p *properties) error {
	c := p.config
	if c == nil {
		return verify.Faultf(verify.Malformed, it.at, "item %d has no hvcC", it.id)
	}
	sps := &c.sps
	// What the decoder will allocate is what the SPS says, not what ispe says.
	if err := verify.CheckSize(int64(sps.CodedWidth), int64(sps.CodedHeight), v.lim.coded(), c.at); err != nil {
		return err
	}
	// 23008-12, 6.5.3.1: ispe gives the size of the reconstructed image.
	if int64(sps.Width) != p.size.w || int64(sps.Height) != p.size.h {
		return verify.Faultf(verify.Malformed, p.sizeAt, "ispe says %dx%d, the stream %dx%d", p.size.w, p.size.h, sps.Width, sps.Height)
	}
	if p.stated != p.size {
		v.warn(verify.SizeDisagrees, p.sizeAt, "ispe is not the size of the stream's picture")
	}
	if err := v.spend(it.at, p.size.area()); err != nil {
		return err
	}
	v.checkPixi(p, sps.BitDepthLuma, sps.ChromaFormat)
	data, err := v.read(it)
	if err != nil {
		return err
	}
	for _, s := range data.spans {
		v.spans = append(v.spans, coded{s, it})
	}
	return v.verifyStream(c, data)
}

// checkPixi warns where pixi does not say what the stream says.
func (v *verifier) checkPixi(p *properties, depth, chroma int) {
	if p.channel == nil {
		return
	}
	ok := len(p.channel) == 3 || len(p.channel) == 1 && chroma == 0
	for _, bits := range p.channel {
		ok = ok && int(bits) == depth
	}
	if !ok {
		v.warn(verify.SizeDisagrees, p.pixiAt, "pixi does not match the stream")
	}
}

// checkOverlap refuses coded pictures that share some of their bytes: nothing
// writes such, and it lets a small file pose as much work. Pictures that share
// all of them (one tile used in several places) are fine.
func (v *verifier) checkOverlap() error {
	slices.SortFunc(v.spans, func(a, b coded) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.n, b.n)) })
	total, end := 0, 0
	for i, s := range v.spans {
		total += s.n
		if i > 0 && s.n > 0 && s.at < end && s.span != v.spans[i-1].span {
			return verify.Faultf(verify.Malformed, s.at, "items %d and %d overlap", v.spans[i-1].it.id, s.it.id)
		}
		end = max(end, s.at+s.n)
	}
	if limit := 2 * len(v.b); total > limit {
		return tooMany(-1, "bytes in all items", int64(limit), int64(total))
	}
	return nil
}

// coded is a byte run of a coded picture that the shown picture needs.
type coded struct {
	span
	it *item
}
