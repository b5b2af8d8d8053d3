package heic

import (
	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/heic/internal/sequence"
	"github.com/imgvet/imgvet/internal/verify"
)

// verifier is the walk over a file that ends in a verdict: what it has seen, and what it
// may still cost.
type verifier struct {
	*heif.File
	in   *verify.Input
	lim  Limits
	info Info

	states []itemState // by the index of the item
	pixels int64       // of all coded pictures and canvases verified so far
	spans  []coded
	beside bool // the pictures beside the shown one are looked at
	passed bool // coded pictures were verified before

	arriving bool           // the file is not known to be whole
	results  map[int]result // of the streams read so far, by the index of the item; nil if nobody asks for them

	ahead *lookahead // nil where coded pictures are read one after the other
}

// itemState is what the walk knows of an item.
type itemState struct {
	role   Role
	visit  visitState
	out    heif.Size // shown size, once known
	cost   int64     // pixels to decode and draw, once verified
	height int       // how deep the items are that it is made of; 0 for a coded picture
}

type visitState uint8

const (
	unvisited visitState = iota
	visiting
	visited
)

func newVerifier(in *verify.Input, lim Limits) *verifier {
	v := &verifier{in: in, lim: lim, info: Info{Frames: 1}}
	v.File = heif.New(in.File(), v.warn)
	return v
}

// verify is the order of all checks.
func (v *verifier) verify() error {
	if err := v.Parse(); err != nil {
		return err
	}
	if err := v.verifyShown(); err != nil {
		return err
	}
	if err := v.verifyAuxiliaries(); err != nil {
		return err
	}
	if err := v.verifyMetadata(); err != nil {
		return err
	}
	return sequence.Verify(v.Bytes, v.Movies, v.warn)
}

// verifyShown verifies the picture that viewers show.
func (v *verifier) verifyShown() error {
	if err := v.describePrimary(); err != nil {
		return err
	}
	if err := v.verifyPrimary(); err != nil {
		return err
	}
	return v.verifyAlpha()
}

// about returns what is known of the file, once the walk is over.
func (v *verifier) about() Info {
	v.info.Brands = v.Brands
	v.noteFacts()
	v.listItems()
	return v.info
}

// state returns what is known of an item. The file's items are all there.
func (v *verifier) state(it *heif.Item) *itemState {
	if v.states == nil {
		v.states = make([]itemState, len(v.Items))
	}
	return &v.states[it.Index]
}

const maxWarnings = 16

func (v *verifier) warn(r verify.Reason, at int, text string) {
	w := Warning{Reason: r, Offset: int64(at), Text: text}
	if v.ahead != nil && len(v.ahead.pending) > 0 {
		last := v.ahead.pending[len(v.ahead.pending)-1]
		if len(last.after) < maxWarnings {
			last.after = append(last.after, w)
		}
		return
	}
	v.forgive(w)
}

// forgive takes in a warning that has no stream to wait for.
func (v *verifier) forgive(w Warning) {
	if len(v.info.Warnings) < maxWarnings {
		v.info.Warnings = append(v.info.Warnings, w)
	}
}
