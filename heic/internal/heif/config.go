package heif

import (
	"slices"

	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/heic/internal/hevc"
	"github.com/imgvet/imgvet/internal/verify"
)

// Config is a decoder configuration, hvcC (ISO/IEC 14496-15, 8.3.3.1.2).
type Config struct {
	At         int         // offset of the box
	lengthSize int         // bytes of the length before each NAL unit: 1, 2 or 4
	units      []hevc.Unit // parameter sets, in order
	Sets       *hevc.ParameterSets
	SPS        hevc.SPS
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
func (f *File) config(index int) (*Config, error) {
	if c := f.configs[index]; c != nil {
		return c, nil
	}
	c, err := parseConfig(&f.PropertyBoxes[index])
	if err != nil {
		return nil, bmff.InBox(err)
	}
	if f.configs == nil {
		f.configs = make(map[int]*Config)
	}
	f.configs[index] = c
	if c.lacksVPS {
		f.warn(verify.BadMetadata, c.At, "hvcC has no VPS")
	}
	return c, nil
}

func parseConfig(b *bmff.Box) (*Config, error) {
	cur := b.Cursor()
	c := &Config{At: b.At}
	if v := cur.Uint8("configurationVersion"); cur.Err() == nil && v != 1 {
		return nil, verify.Faultf(verify.Unsupported, b.At, "hvcC version %d", v)
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
			return nil, verify.TooMany(b.At, "parameter sets in hvcC", maxParamSets, int64(total))
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
		return nil, verify.Faultf(verify.Malformed, b.At, "hvcC: NAL unit lengths of 3 bytes")
	}
	return c, c.parseSets()
}

// parseSets checks the parameter sets. There must be one SPS: with two, the size
// of the picture would depend on a PPS.
func (c *Config) parseSets() error {
	// 14496-15, 8.3.3.1.1: for hvc1 all parameter sets are here. Some writers leave out
	// the VPS, which nothing of a picture depends on; libheif shows their files.
	c.lacksVPS = !slices.ContainsFunc(c.units, func(u hevc.Unit) bool { return u.Data[0]>>1 == nalVPS })
	sets, err := hevc.ParseParameterSets(slices.Values(c.units))
	if err != nil {
		return err
	}
	n := 0
	for s := range sets.Sequences() {
		c.SPS = s
		n++
	}
	if n != 1 {
		return verify.Faultf(verify.Unsupported, c.At, "hvcC with %d SPS", n)
	}
	c.Sets = sets
	return nil
}

// add takes in a NAL unit of hvcC.
func (c *Config) add(kind uint8, u hevc.Unit) error {
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
