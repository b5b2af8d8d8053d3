package inflate

import (
	"encoding/binary"
	"io"
	"math/bits"
)

const (
	maxWindow  = 32 << 10 // RFC 1951, 3.2.5
	bufferSize = 128 << 10
	indexMask  = bufferSize - 1
	maxMatch   = 258
	overshoot  = 32 // a match is copied in words, and may write this much past its end
	// A symbol that starts below spanEnd ends inside the buffer.
	spanEnd = bufferSize - 2*maxMatch
	// How many bytes of a block are decoded before pairing its table pays.
	pairAfter = 512
)

// Error says why a stream is not a zlib stream.
type Error struct {
	Text   string
	Offset int64 // bytes of the stream that were used
	Short  bool  // the stream ended too early
	Whole  bool  // no data is missing: only the checksum after it is cut or wrong
}

func (e *Error) Error() string { return e.Text }

// state is what the decoder expects next.
type state uint8

const (
	atHeader state = iota
	atBlock
	inStored
	inCodes
	inRun
	atTrailer
	atEnd
)

// Decoder decodes zlib streams, one after the other. Call Reset before the first use. It is not
// safe for concurrent use.
type Decoder struct {
	input
	fast     bool // use fastLoop
	state    state
	final    bool // the block is the last one
	stored   int  // bytes left in the stored block
	near     uint // distances up to this are certainly legal
	window   uint // largest distance that the header allows
	out      int  // where the next byte goes in buffer
	unpaired int  // bytes of input to read before codes is paired
	adler    adler
	text     string // what is wrong with the codes of a block
	err      error
	run      run
	codes    code // of the current block
	isFixed  bool // codes is the fixed code
	symbols  symbols
	lens     [fixedLitLen + fixedDist]uint8
	buffer   [bufferSize + overshoot]byte
}

// Reset starts d on the stream from src. With a nil src it only drops what it holds.
func (d *Decoder) Reset(src Source) {
	d.input.reset(src)
	d.symbols.init()
	d.fast = hasFastLoop
	d.state, d.final, d.stored, d.window = atHeader, false, 0, 0
	d.out, d.unpaired, d.adler, d.text, d.err = 0, 0, adler{a: 1}, "", nil
}

// Next returns the next bytes of the data, at most 128 KiB. They are valid until the next call.
// At the end of the stream, once the checksum has proved right, the error is [io.EOF]; any other
// error is an [*Error]. Next returns the bytes before a fault first.
func (d *Decoder) Next() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	if d.out >= spanEnd {
		if d.state == inRun {
			if span := d.again(); span != nil {
				return span, nil
			}
			d.run.filled = min(d.run.filled, maxWindow)
		}
		copy(d.buffer[:maxWindow], d.buffer[d.out-maxWindow:d.out])
		d.out = maxWindow
	}
	from := d.out
	d.err = d.decodeSpan()
	span := d.buffer[from:d.out:d.out]
	d.adler = d.adler.update(span)
	if d.err == nil && d.state == atTrailer {
		d.err = d.trailer()
	}
	if len(span) > 0 {
		return span, nil
	}
	return nil, d.err
}

// Consumed returns how many bytes of the stream were used.
func (d *Decoder) Consumed() int64 { return d.consumed() }

// Unused reports whether, after io.EOF, the pieces taken from the source held
// more bytes.
func (d *Decoder) Unused() bool { return d.unused() }

func (d *Decoder) fail(text string) *Error {
	if d.overrun() {
		// The fault may be only in the zeros that stand for the missing bytes.
		return &Error{Text: "stream ends too early", Offset: d.consumed(), Short: true}
	}
	return &Error{Text: text, Offset: d.consumed()}
}

// decodeSpan decodes until the buffer is full or the data ends.
func (d *Decoder) decodeSpan() error {
	for d.out < spanEnd {
		var text string
		switch d.state {
		case atHeader:
			text = d.header()
		case atBlock:
			text = d.block()
		case inStored:
			d.copyStored()
		case inCodes:
			text = d.decode()
		case inRun:
			d.repeat()
		default:
			return nil
		}
		if text != "" || d.overrun() {
			return d.fail(text)
		}
	}
	return nil
}

// header reads CMF and FLG (RFC 1950, 2.2).
func (d *Decoder) header() string {
	d.refill()
	cmf, flg := d.take(8), d.take(8)
	switch {
	case (cmf<<8|flg)%31 != 0:
		return "zlib header check is wrong"
	case cmf&15 != 8:
		return "compression method is not deflate"
	case cmf>>4 > 7:
		return "window is over 32 KiB"
	case flg&0x20 != 0:
		return "stream needs a preset dictionary"
	}
	d.window = 1 << (cmf>>4 + 8)
	d.state = atBlock
	return ""
}

// block reads the header of a block (RFC 1951, 3.2.3).
func (d *Decoder) block() string {
	if d.final {
		d.state = atTrailer
		return ""
	}
	d.refill()
	d.final = d.take(1) == 1
	switch d.take(2) {
	case 0:
		d.align()
		d.refill()
		n, check := d.take(16), d.take(16)
		if n != check^0xffff {
			return "stored block length check is wrong"
		}
		d.stored, d.state = int(n), inStored
		return ""
	case 1:
		if !d.isFixed {
			d.buildFixed()
		}
	case 2:
		if text := d.buildDynamic(); text != "" {
			return text
		}
	default:
		return "block type 3"
	}
	d.state = inCodes
	return ""
}

// copyStored copies the available bytes of a stored block.
func (d *Decoder) copyStored() {
	// The bit reader holds whole bytes here, and they come first.
	for d.stored > 0 && d.count >= 8 && d.out < spanEnd {
		d.buffer[d.out] = byte(d.take(8))
		d.out++
		d.stored--
	}
	if d.stored > 0 && d.out < spanEnd {
		d.bits = 0 // otherwise the bytes read ahead would be read twice
		d.fill()
		n := min(d.stored, spanEnd-d.out, d.filled-d.pos)
		if n <= 0 {
			d.pos += margin // past the padding: an overrun
			return
		}
		d.out += copy(d.buffer[d.out:d.out+n], d.stage[d.pos:d.pos+n])
		d.pos += n
		d.stored -= n
	}
	if d.stored == 0 {
		d.state = atBlock
	}
}

// buildFixed builds the code of RFC 1951, 3.2.6.
func (d *Decoder) buildFixed() {
	lens := &d.lens
	for i := range lens {
		switch {
		case i < 144:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		case i < 280:
			lens[i] = 7
		case i < fixedLitLen:
			lens[i] = 8
		default:
			lens[i] = 5
		}
	}
	d.codes.set(lens[:fixedLitLen], lens[fixedLitLen:], &d.symbols)
	d.isFixed, d.unpaired = true, pairAfter
}

// buildDynamic reads the codes of a block (RFC 1951, 3.2.7).
func (d *Decoder) buildDynamic() string {
	d.refill()
	nlit, ndist, ncode := int(d.take(5))+257, int(d.take(5))+1, int(d.take(4))+4
	if nlit > maxLitLen || ndist > maxDist {
		return "too many length or distance symbols"
	}
	var lens [numCodeLens]uint8
	for i := range ncode {
		if i == 14 {
			d.refill() // a refill gives 56 bits: enough for 14 lengths of 3 bits
		}
		lens[codeLenOrder[i]] = uint8(d.take(3))
	}
	var table [1 << codeLenBits]uint8
	if !fillCodeLens(&table, &lens) {
		return "code length code is not complete"
	}

	all := d.lens[:nlit+ndist]
	for i := 0; i < len(all); {
		if d.count < codeLenBits+7 {
			d.refill()
		}
		e := table[d.bits&(1<<codeLenBits-1)]
		d.take(uint(e >> 5))
		sym := e & 31
		if sym < 16 {
			all[i] = sym
			i++
			continue
		}
		var n int
		var v uint8
		switch sym {
		case 16:
			if i == 0 {
				return "repeat of no code length"
			}
			n, v = 3+int(d.take(2)), all[i-1]
		case 17:
			n = 3 + int(d.take(3))
		default:
			n = 11 + int(d.take(7))
		}
		if n > len(all)-i {
			return "too many code lengths"
		}
		for range n {
			all[i] = v
			i++
		}
	}
	// Like zlib, refuse a block that cannot end at its start.
	if all[endOfBlock] == 0 {
		return "no code for the end of the block"
	}
	d.isFixed, d.unpaired = false, pairAfter
	return d.codes.set(all[:nlit], all[nlit:], &d.symbols)
}

// fillCodeLens builds the table of the code length code: symbol in bits 0-4,
// code length above. The code must be complete.
func fillCodeLens(table *[1 << codeLenBits]uint8, lens *[numCodeLens]uint8) bool {
	var count [codeLenBits + 1]int
	for _, n := range lens {
		count[n&7]++
	}
	left := 1 << codeLenBits
	var next [codeLenBits + 2]uint
	for n := 1; n <= codeLenBits; n++ {
		left -= count[n] << (codeLenBits - n)
		next[n+1] = (next[n] + uint(count[n])) << 1
	}
	if left != 0 {
		return false
	}
	for sym, n := range lens {
		if n == 0 {
			continue
		}
		code := next[n]
		next[n]++
		for i := uint(bits.Reverse8(uint8(code))) >> (8 - n); i < 1<<codeLenBits; i += 1 << n {
			table[i] = n<<5 | uint8(sym)
		}
	}
	return true
}

// trailer compares the checksum (RFC 1950, 2.2).
func (d *Decoder) trailer() error {
	d.align()
	d.refill()
	var sum [4]byte
	binary.LittleEndian.PutUint32(sum[:], uint32(d.take(32)))
	d.state = atEnd
	if !d.overrun() && binary.BigEndian.Uint32(sum[:]) == d.adler.sum() {
		return io.EOF
	}
	fault := d.fail("Adler-32 is wrong")
	fault.Whole = true
	return fault
}
