package heic

import (
	"bytes"

	"github.com/imgvet/imgvet/heic/internal/hevc"
	"github.com/imgvet/imgvet/internal/verify"
)

// config is a decoder configuration, hvcC (ISO/IEC 14496-15, 8.3.3.1.2).
type config struct {
	at         int // offset of the box
	lengthSize int // bytes of the length before each NAL unit: 1, 2 or 4
	vps, sets  []paramSet
	sps        hevc.SPS
	spsNAL     paramSet
	pps        []paramSet
}

// paramSet is a NAL unit of hvcC.
type paramSet struct {
	nal []byte
	at  int // offset in the file
}

// NAL unit types (ITU-T H.265, table 7-1).
const (
	nalFirstIRAP = 16
	nalLastIRAP  = 21
	nalVPS       = 32
	nalSPS       = 33
	nalPPS       = 34
	nalAUD       = 35
	nalEOS       = 36
	nalEOB       = 37
	nalFD        = 38
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
			if err := c.add(kind, paramSet{nal, at}); err != nil {
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
	if c.vps == nil || c.spsNAL.nal == nil || c.pps == nil {
		// 14496-15, 8.3.3.1.1: for hvc1 all parameter sets are here.
		return nil, verify.Faultf(verify.Malformed, b.at, "hvcC lacks a parameter set")
	}
	sps, err := hevc.ParseSPS(c.spsNAL.nal, c.spsNAL.at)
	if err != nil {
		return nil, err
	}
	c.sps = sps
	return c, nil
}

// add takes in a NAL unit of hvcC.
func (c *config) add(kind uint8, s paramSet) error {
	if len(s.nal) < 2 || s.nal[0]&0x80 != 0 {
		return verify.Faultf(verify.Malformed, s.at, "hvcC: NAL unit without a header")
	}
	if got := s.nal[0] >> 1 & 0x3f; got != kind {
		return verify.Faultf(verify.Malformed, s.at, "hvcC: NAL unit of type %d among type %d", got, kind)
	}
	switch kind {
	case nalVPS:
		c.vps = append(c.vps, s)
	case nalSPS:
		// One SPS: with two, which size the picture has would depend on a PPS.
		if c.spsNAL.nal != nil && !bytes.Equal(c.spsNAL.nal, s.nal) {
			return verify.Faultf(verify.Unsupported, s.at, "hvcC with two SPS")
		}
		c.spsNAL = s
	case nalPPS:
		c.pps = append(c.pps, s)
	case nalPrefixSEI, nalSuffixSEI:
		// Allowed here, and of no matter to the picture.
		return nil
	default:
		return verify.Faultf(verify.Malformed, s.at, "hvcC: NAL unit of type %d", kind)
	}
	c.sets = append(c.sets, s)
	return nil
}

// has tells whether a NAL unit is one of hvcC's parameter sets.
func (c *config) has(nal []byte) bool {
	for i := range c.sets {
		if bytes.Equal(c.sets[i].nal, nal) {
			return true
		}
	}
	return false
}
