package heic

import (
	"slices"

	"github.com/imgvet/imgvet/heic/internal/hevc"
	"github.com/imgvet/imgvet/internal/verify"
)

// config is a decoder configuration, hvcC (ISO/IEC 14496-15, 8.3.3.1.2).
type config struct {
	at         int         // offset of the box
	lengthSize int         // bytes of the length before each NAL unit: 1, 2 or 4
	units      []hevc.Unit // parameter sets, in order
	sets       *hevc.ParameterSets
	sps        hevc.SPS
	lacksVPS   bool
}

// NAL unit types (ITU-T H.265, table 7-1).
const (
	nalFirstIRAP = 16
	nalLastIRAP  = 21
	nalVPS       = 32
	nalPPS       = 34
	nalPrefixSEI = 39
	nalSuffixSEI = 40
)

// config returns the parsed hvcC at an index of ipco. Tiles share theirs.
func (f *file) config(index int) (*config, error) {
	if c := f.configs[index]; c != nil {
		return c, nil
	}
	c, err := parseConfig(&f.props[index])
	if err != nil {
		return nil, inBox(err)
	}
	if f.configs == nil {
		f.configs = make(map[int]*config)
	}
	f.configs[index] = c
	if c.lacksVPS {
		f.warn(verify.BadMetadata, c.at, "hvcC has no VPS")
	}
	return c, nil
}

func parseConfig(b *box) (*config, error) {
	cur := b.cursor()
	c := &config{at: b.at}
	if v := cur.Uint8("configurationVersion"); cur.Err() == nil && v != 1 {
		return nil, verify.Faultf(verify.Unsupported, b.at, "hvcC version %d", v)
	}
	// Profile, level and the like (20 bytes) repeat what the SPS says; the SPS
	// decides what a decoder does.
	cur.Skip(20, "hvcC")
	c.lengthSize = int(cur.Uint8("lengthSizeMinusOne")&3) + 1
	arrays := int(cur.Uint8("numOfArrays"))
	total := 0
	for range arrays {
		kind := cur.Uint8("NAL_unit_type") & 0x3f
		n := int(cur.Uint16BE("numNalus"))
		if total += n; total > maxParamSets {
			return nil, tooMany(b.at, "parameter sets in hvcC", maxParamSets, int64(total))
		}
		for range n {
			size := int(cur.Uint16BE("nalUnitLength"))
			at := cur.Offset()
			nal := cur.Bytes(size, "nalUnit")
			if err := cur.Err(); err != nil {
				return nil, err
			}
			if err := c.add(kind, hevc.Unit{Data: nal, Offset: at}); err != nil {
				return nil, err
			}
		}
	}
	if err := cur.Err(); err != nil {
		return nil, err
	}
	if c.lengthSize == 3 {
		return nil, verify.Faultf(verify.Malformed, b.at, "hvcC: NAL unit lengths of 3 bytes")
	}
	return c, c.parseSets()
}

// parseSets checks the parameter sets. There must be one SPS: with two, the size
// of the picture would depend on a PPS.
func (c *config) parseSets() error {
	// 14496-15, 8.3.3.1.1: for hvc1 all parameter sets are here. Some writers leave out
	// the VPS, which nothing of a picture depends on; libheif shows their files.
	c.lacksVPS = !slices.ContainsFunc(c.units, func(u hevc.Unit) bool { return u.Data[0]>>1 == nalVPS })
	sets, err := hevc.ParseParameterSets(slices.Values(c.units))
	if err != nil {
		return err
	}
	n := 0
	for s := range sets.Sequences() {
		c.sps = s
		n++
	}
	if n != 1 {
		return verify.Faultf(verify.Unsupported, c.at, "hvcC with %d SPS", n)
	}
	c.sets = sets
	return nil
}

// add takes in a NAL unit of hvcC.
func (c *config) add(kind uint8, u hevc.Unit) error {
	if len(u.Data) < 2 || u.Data[0]&0x80 != 0 {
		return verify.Faultf(verify.Malformed, u.Offset, "hvcC: NAL unit without a header")
	}
	if got := u.Data[0] >> 1; got != kind {
		return verify.Faultf(verify.Malformed, u.Offset, "hvcC: NAL unit of type %d among type %d", got, kind)
	}
	switch {
	case kind >= nalVPS && kind <= nalPPS:
		c.units = append(c.units, u)
	case kind == nalPrefixSEI || kind == nalSuffixSEI:
		// Allowed here, and of no matter to the picture.
	default:
		return verify.Faultf(verify.Malformed, u.Offset, "hvcC: NAL unit of type %d", kind)
	}
	return nil
}
