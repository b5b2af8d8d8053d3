package jpeg

import (
	"github.com/imgvet/imgvet/internal/icc"
	"github.com/imgvet/imgvet/internal/verify"
)

// profileHead begins an APP2 segment with a part of a colour profile. ICC.1:2022, B.4: the
// part's number, counted from 1, and the number of all parts follow, one byte each.
const profileHead = "ICC_PROFILE\x00"

// profile collects the parts of a colour profile, which may come in any order.
type profile struct {
	at    int // offset of the first part, 0 if there is none
	n     int // parts in all
	parts [256][]byte
	bad   bool
	head  [132]byte
}

func (p *profile) reset() {
	if p.at != 0 {
		*p = profile{}
	}
}

// add takes a part at offset at.
func (p *profile) add(part []byte, at int) {
	if p.at == 0 {
		p.at = at
	}
	if len(part) < 2 || part[0] == 0 || part[0] > part[1] || p.n != 0 && p.n != int(part[1]) || p.parts[part[0]] != nil {
		p.bad = true
		return
	}
	p.n = int(part[1])
	p.parts[part[0]] = part[2:]
}

// judge warns of a profile that no viewer can read: a part is missing or repeated, or the parts
// together are not a profile.
func (p *profile) judge(info *verify.Info) {
	if p.at == 0 {
		return
	}
	problem := ""
	head, size := p.head[:0], 0
	for i := 1; i <= p.n; i++ {
		if p.parts[i] == nil {
			problem = "a part of the ICC profile is missing"
		}
		size += len(p.parts[i])
		head = append(head, p.parts[i][:min(len(p.parts[i]), cap(head)-len(head))]...)
	}
	if p.bad {
		problem = "the parts of the ICC profile are numbered wrong"
	}
	if problem == "" {
		problem = icc.HeadProblem(head, size)
	}
	info.Facts.AddICC(p.parts[1]) // the tags that tell its kind come first
	if problem != "" {
		info.Warn(verify.BadMetadata, int64(p.at), problem)
	}
}
