package fuzz

import (
	"iter"
	"testing"
)

// Add gives the caller's fuzz test, whose function takes one []byte, every case
// of up to 64 KiB and several corruptions of each good one as seeds: some
// twenty-five hundred. The cases of 10 MiB are left out, since a fuzzer would spend
// its time on copying them; [Cases] has them.
//
//	func FuzzUpload(f *testing.F) {
//		fuzz.Add(f)
//		f.Fuzz(func(t *testing.T, b []byte) { ... })
//	}
func Add(f *testing.F) {
	for b := range startingFiles() {
		f.Add(b)
	}
}

// startingFiles yields what Add adds.
func startingFiles() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		ops := AllOps()
		n := uint64(0)
		for c := range Cases() {
			if len(c.Data) > small {
				continue
			}
			if !yield(c.Data) {
				return
			}
			if !c.OK || len(c.Data) > 4<<10 {
				continue
			}
			// Four of the ops for each good case, all of them in turn.
			for range 4 {
				if !yield(Corrupt(n, c.Data, ops[n%uint64(len(ops))].Op)) {
					return
				}
				n++
			}
		}
	}
}
