package heic

import (
	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/verify"
)

// verifyAuxiliaries looks at the pictures beside the shown one: thumbnails,
// depth and gain maps, further pictures. What is wrong with them is a warning: no
// viewer needs them. But one that ends in zeros, which no coded picture does, is
// the lost tail of an upload.
//
// All of them together may cost as much as the shown picture may.
func (v *verifier) verifyAuxiliaries() error {
	v.assignRoles()
	shown := v.pixels
	defer func() { v.pixels, v.beside = shown, false }()
	v.pixels, v.beside = 0, true
	for _, derived := range []bool{false, true} { // tiles before their grids
		for i := range v.Items {
			it := &v.Items[i]
			coded := string(it.Type[:]) == "hvc1"
			if v.state(it).visit != unvisited || coded == derived || !coded && v.state(it).role != RoleThumbnail && v.state(it).role != RoleAuxiliary {
				continue
			}
			if err := v.verifyAuxiliary(it, coded); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verifier) verifyAuxiliary(it *heif.Item, coded bool) error {
	switch string(it.Type[:]) {
	case "hvc1", "grid", "iovl", "iden":
	default:
		// Of another coding: Sony's cameras add a JPEG. None of these ends in zeros either.
		v.state(it).visit = visited
		switch data, err := v.Read(it); {
		case err != nil:
			v.warn(verify.BadAuxiliary, it.At, "a picture beside the shown one cannot be read: "+verify.DetailOf(err))
		case heif.EndsInZeros(&data):
			return heif.LostTail(&data)
		}
		return nil
	}
	err := v.verifyImage(it, 0)
	if err == nil {
		return nil
	}
	v.state(it).visit = visited
	if data, rerr := v.Read(it); coded && rerr == nil && (heif.EndsInZeros(&data) || v.EndsInZero(&data)) {
		return heif.LostTail(&data)
	}
	v.warn(verify.BadAuxiliary, it.At, "a picture beside the shown one is broken: "+verify.DetailOf(err))
	return nil
}
