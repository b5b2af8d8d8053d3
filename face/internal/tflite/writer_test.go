package tflite_test

import "encoding/binary"

// writer makes FlatBuffers, front to back: an object is written after the one that
// points to it, so that all offsets are positive, as they must be.
type writer struct{}

// object is a table, a vector, or a number in a table.
type object struct {
	fields   []*object // of a table; nil for those left out
	isTable  bool
	elements []*object // of a vector of tables
	raw      []byte    // of a vector of numbers, with its count before it
	inline   []byte    // of a number
}

func (w *writer) table(fields ...*object) *object { return &object{fields: fields, isTable: true} }

func (w *writer) tables(elements ...*object) *object { return &object{elements: elements} }

func (w *writer) bytes(b []byte) *object {
	return &object{raw: append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)}
}

func (w *writer) uint32s(v ...uint32) *object {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(v)))
	for _, n := range v {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return &object{raw: b}
}

func scalar(v uint32) *object  { return &object{inline: binary.LittleEndian.AppendUint32(nil, v)} }
func byteField(v byte) *object { return &object{inline: []byte{v, 0, 0, 0}} }

// file writes root and all that it points to.
func (w *writer) file(root *object) []byte {
	b := append(make([]byte, 4), "TFL3"...)
	type pointer struct {
		at int // where the offset goes
		to *object
	}
	queue := []pointer{{0, root}}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		switch o := p.to; {
		case o.isTable:
			// The vtable, then the table that points back to it.
			vtable := len(b)
			b = binary.LittleEndian.AppendUint16(b, uint16(4+2*len(o.fields)))
			b = binary.LittleEndian.AppendUint16(b, uint16(4+4*len(o.fields)))
			for i, f := range o.fields {
				offset := 4 + 4*i
				if f == nil {
					offset = 0
				}
				b = binary.LittleEndian.AppendUint16(b, uint16(offset))
			}
			at := len(b)
			b = binary.LittleEndian.AppendUint32(b, uint32(at-vtable))
			for _, f := range o.fields {
				switch {
				case f == nil:
					b = append(b, 0, 0, 0, 0)
				case f.inline != nil:
					b = append(b, f.inline...)
				default:
					queue = append(queue, pointer{len(b), f})
					b = append(b, 0, 0, 0, 0)
				}
			}
			binary.LittleEndian.PutUint32(b[p.at:], uint32(at-p.at))
		case o.raw != nil:
			binary.LittleEndian.PutUint32(b[p.at:], uint32(len(b)-p.at))
			b = append(b, o.raw...)
		default:
			binary.LittleEndian.PutUint32(b[p.at:], uint32(len(b)-p.at))
			b = binary.LittleEndian.AppendUint32(b, uint32(len(o.elements)))
			for _, e := range o.elements {
				queue = append(queue, pointer{len(b), e})
				b = append(b, 0, 0, 0, 0)
			}
		}
	}
	return b
}
