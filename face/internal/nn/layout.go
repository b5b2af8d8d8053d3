package nn

import "slices"

// layOut places every value in the arena: at the lowest offset where it overlaps no value that
// lives at the same time.
func (c *compiler) layOut() {
	n := c.net
	for _, i := range n.outputs {
		n.values[i].last = len(n.steps)
	}
	var placed []value // sorted by offset
	for i := range n.values {
		v := &n.values[i]
		v.last = max(v.last, v.first)
		at := int64(0)
		for _, p := range placed {
			if p.last < v.first || p.first > v.last {
				continue
			}
			if at+int64(v.size()) <= int64(p.at) {
				break
			}
			at = max(at, int64(p.at)+int64(p.size()))
		}
		if at+int64(v.size()) > maxFloats {
			c.fail("needs over %d floats of memory", maxFloats)
			return
		}
		v.at = int(at)
		n.arena = max(n.arena, v.at+v.size())
		where, _ := slices.BinarySearchFunc(placed, v.at, func(p value, at int) int { return p.at - at })
		placed = slices.Insert(placed, where, *v)
	}
	widest := 0
	for _, st := range n.steps {
		in, out := n.values[st.in[0]], n.values[st.out]
		row := int64(0)
		if st.kind == separable {
			widest = max(widest, in.w*in.c)
		}
		if (st.kind == separable || st.kind == convolve) && st.between() {
			row = int64(st.rows(out)) * int64(out.w) * int64(st.weights.k)
		}
		if row > maxFloats {
			c.fail("needs a row of over %d floats", maxFloats)
			return
		}
		n.row = max(n.row, int(row))
	}
	n.zeros = make([]float32, widest)
}
