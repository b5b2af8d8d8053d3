package heic

import (
	"cmp"
	"errors"
	"slices"

	"github.com/imgvet/imgvet/internal/verify"
)

// describePrimary fills info from the primary item's properties, and checks its
// size against the limit.
func (f *file) describePrimary() error {
	it := f.item(f.primary)
	if it == nil {
		return verify.Faultf(verify.Malformed, -1, "the primary item %d is not there", f.primary)
	}
	p, err := f.properties(it)
	if p.size.w > 0 && p.size.w <= maxSide && p.size.h <= maxSide {
		f.info.Width, f.info.Height = int(p.size.w), int(p.size.h)
	}
	if err != nil {
		return err
	}
	if err := verify.CheckSize(p.size.w, p.size.h, f.lim.verify(), p.sizeAt); err != nil {
		return err
	}
	if p.size.w > maxSide || p.size.h > maxSide {
		return verify.Faultf(verify.Unsupported, p.sizeAt, "%dx%d: a side over %d", p.size.w, p.size.h, maxSide)
	}
	s, err := follow(p.steps, p.size)
	if err != nil {
		return err
	}
	f.info.Orientation, f.info.Clap = int(s.orient), s.crop
	if c, err := f.firstConfig(it, p, 0); err == nil && c != nil {
		f.info.BitDepth, f.info.Chroma = c.sps.BitDepthLuma, chromaName(c.sps.ChromaFormat)
		if p.colour == nil { // without nclx viewers go by the stream
			f.info.Facts.HDR = verify.HDRTransfer(int(c.sps.Transfer))
		}
	}
	return nil
}

// firstConfig returns the decoder configuration of the first coded picture under
// an item.
func (f *file) firstConfig(it *item, p properties, depth int) (*config, error) {
	r := f.reference("dimg", it.id)
	if p.config != nil || r == nil || r.len() == 0 || depth >= maxDerivation {
		return p.config, nil
	}
	in := f.item(r.id(0))
	if in == nil {
		return nil, nil
	}
	q, err := f.properties(in)
	if err != nil {
		return nil, err
	}
	return f.firstConfig(in, q, depth+1)
}

func chromaName(format int) string {
	return [4]string{"4:0:0", "4:2:0", "4:2:2", "4:4:4"}[format&3]
}

// verifyPrimary verifies the primary item and all that it is made of.
func (f *file) verifyPrimary() error {
	err := f.streamed(func() error { return f.verifyImage(f.item(f.primary), 0) })
	if err != nil {
		return err
	}
	return f.checkOverlap()
}

// verifyAlpha verifies the alpha plane of the primary item: viewers that show
// the picture blend with it, and fail where it is broken.
func (f *file) verifyAlpha() error {
	for i := range f.refs {
		r := &f.refs[i]
		if string(r.typ[:]) != "auxl" || !refersTo(r, f.primary) {
			continue
		}
		it := f.item(r.from)
		if it == nil || !f.isAlpha(it) {
			continue
		}
		if err := f.streamed(func() error { return f.verifyImage(it, 0) }); err != nil {
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
func (f *file) verifyImage(it *item, depth int) error {
	switch {
	case it.visit == visited:
		return nil
	case it.visit == visiting:
		return verify.Faultf(verify.Malformed, it.at, "item %d is made of itself", it.id)
	case depth > maxDerivation:
		return verify.Faultf(verify.TooMuchWork, it.at, "derived items over %d deep", maxDerivation)
	case it.protected:
		return verify.Faultf(verify.Unsupported, it.at, "item %d is encrypted", it.id)
	}
	it.visit = visiting
	before := f.pixels
	p, err := f.properties(it)
	if err != nil {
		return err
	}
	if err := verify.CheckSize(p.size.w, p.size.h, f.codedLimits(), p.sizeAt); err != nil {
		return err
	}
	s, err := follow(p.steps, p.size)
	if err != nil {
		return err
	}
	it.out = s.size()

	switch string(it.typ[:]) {
	case "hvc1":
		err = f.verifyCoded(it, &p)
	case "grid":
		err = f.verifyGrid(it, &p, depth)
	case "iovl":
		err = f.verifyOverlay(it, &p, depth)
	case "iden":
		err = f.verifyIdentity(it, &p, depth)
	default:
		err = verify.Faultf(verify.Unsupported, it.at, "item type %q", printable(it.typ))
	}
	if err != nil {
		return err
	}
	it.visit, it.cost = visited, f.pixels-before
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
func (f *file) spend(at int, pixels int64) error {
	limit := layersPerPixel*f.lim.maxPixels() + codedSlack
	if f.pixels += pixels; f.pixels > limit {
		return tooMany(at, "pixels in all layers", limit, f.pixels)
	}
	return nil
}

// verifyCoded verifies one HEVC-coded picture.
func (f *file) verifyCoded(it *item, p *properties) error {
	c := p.config
	if c == nil {
		return verify.Faultf(verify.Malformed, it.at, "item %d has no hvcC", it.id)
	}
	sps := &c.sps
	// What the decoder will allocate is what the SPS says, not what ispe says.
	if err := verify.CheckSize(int64(sps.CodedWidth), int64(sps.CodedHeight), f.codedLimits(), c.at); err != nil {
		return err
	}
	// 23008-12, 6.5.3.1: ispe gives the size of the reconstructed image.
	if int64(sps.Width) != p.size.w || int64(sps.Height) != p.size.h {
		return verify.Faultf(verify.Malformed, p.sizeAt, "ispe says %dx%d, the stream %dx%d", p.size.w, p.size.h, sps.Width, sps.Height)
	}
	if p.stated != p.size {
		f.warn(verify.SizeDisagrees, p.sizeAt, "ispe is not the size of the stream's picture")
	}
	if err := f.spend(it.at, p.size.area()); err != nil {
		return err
	}
	f.checkPixi(p, sps.BitDepthLuma, sps.ChromaFormat)
	data, err := f.read(it)
	if err != nil {
		return err
	}
	for _, s := range data.spans {
		f.spans = append(f.spans, coded{s, it})
	}
	return f.verifyStream(c, data)
}

// codedLimits is the limit on pictures that the shown one is made of: they may
// stand out of it, by the samples that a conformance window cuts away or by the
// rest of a tile.
func (f *file) codedLimits() verify.Limits {
	n := f.lim.maxPixels()
	return verify.Limits{MaxPixels: n + n/8 + codedSlack}
}

// checkPixi warns where pixi does not say what the stream says.
func (f *file) checkPixi(p *properties, depth, chroma int) {
	if p.channel == nil {
		return
	}
	ok := len(p.channel) == 3 || len(p.channel) == 1 && chroma == 0
	for _, bits := range p.channel {
		ok = ok && int(bits) == depth
	}
	if !ok {
		f.warn(verify.SizeDisagrees, p.pixiAt, "pixi does not match the stream")
	}
}

// checkOverlap refuses coded pictures that share some of their bytes: nothing
// writes such, and it lets a small file pose as much work. Pictures that share
// all of them (one tile used in several places) are fine.
func (f *file) checkOverlap() error {
	slices.SortFunc(f.spans, func(a, b coded) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.n, b.n)) })
	total, end := 0, 0
	for i, s := range f.spans {
		total += s.n
		if i > 0 && s.n > 0 && s.at < end && s.span != f.spans[i-1].span {
			return verify.Faultf(verify.Malformed, s.at, "items %d and %d overlap", f.spans[i-1].it.id, s.it.id)
		}
		end = max(end, s.at+s.n)
	}
	if limit := 2 * len(f.b); total > limit {
		return tooMany(-1, "bytes in all items", int64(limit), int64(total))
	}
	return nil
}

// verifyAuxiliaries looks at the pictures beside the shown one: thumbnails,
// depth and gain maps, further pictures. What is wrong with them is a warning: no
// viewer needs them. But one that ends in zeros, which no coded picture does, is
// the lost tail of an upload.
//
// All of them together may cost as much as the shown picture may.
func (f *file) verifyAuxiliaries() error {
	f.assignRoles()
	shown := f.pixels
	defer func() { f.pixels = shown }()
	f.pixels = 0
	for _, derived := range []bool{false, true} { // tiles before their grids
		for i := range f.items {
			it := &f.items[i]
			coded := string(it.typ[:]) == "hvc1"
			if it.visit != unvisited || coded == derived || !coded && it.role != RoleThumbnail && it.role != RoleAuxiliary {
				continue
			}
			if err := f.verifyAuxiliary(it, coded); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *file) verifyAuxiliary(it *item, coded bool) error {
	err := f.verifyImage(it, 0)
	if err == nil {
		return nil
	}
	it.visit = visited
	if data, rerr := f.read(it); coded && rerr == nil && (endsInZeros(&data) || f.endsInZero(&data)) {
		return lostTail(&data)
	}
	f.warn(verify.BadAuxiliary, it.at, "a picture beside the shown one is broken: "+faultText(err))
	return nil
}

func faultText(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Text
	}
	return err.Error()
}
