package jpeg

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// build joins the parts of a JPEG file between SOI and EOI.
func build(parts ...[]byte) []byte {
	b := []byte{0xff, mSOI}
	for _, p := range parts {
		b = append(b, p...)
	}
	return append(b, 0xff, mEOI)
}

// seg makes a marker segment.
func seg(marker byte, payload ...byte) []byte {
	b := []byte{0xff, marker}
	b = binary.BigEndian.AppendUint16(b, uint16(len(payload)+2))
	return append(b, payload...)
}

// sofSeg makes a frame header whose components 1, 2, ... have the given sampling
// factors, as two hexadecimal digits, and share quantization table 0.
func sofSeg(marker byte, width, height int, sampling ...byte) []byte {
	p := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), byte(len(sampling))}
	for i, hv := range sampling {
		p = append(p, byte(i+1), hv, 0)
	}
	return seg(marker, p...)
}

// dqtSeg makes quantization table 0, all ones.
func dqtSeg() []byte {
	p := make([]byte, 65)
	for i := 1; i < len(p); i++ {
		p[i] = 1
	}
	return seg(mDQT, p...)
}

// dhtSeg makes a Huffman table, whose symbols have codes of the given lengths in
// order.
func dhtSeg(class, id byte, symbols map[int][]byte) []byte {
	p := []byte{class<<4 | id}
	for l := 1; l <= 16; l++ {
		p = append(p, byte(len(symbols[l])))
	}
	for l := 1; l <= 16; l++ {
		p = append(p, symbols[l]...)
	}
	return seg(mDHT, p...)
}

// oneBit is a Huffman table in which 0 is the code of one symbol.
func oneBit(class byte, symbol byte) []byte {
	return dhtSeg(class, 0, map[int][]byte{1: {symbol}})
}

// sosSeg makes a scan header of the given components, with tables 0.
func sosSeg(ss, se, ahAl byte, components ...byte) []byte {
	p := []byte{byte(len(components))}
	for _, c := range components {
		p = append(p, c, 0)
	}
	return seg(mSOS, append(p, ss, se, ahAl)...)
}

// zeroBits makes entropy-coded data of n zero bits, filled with ones.
func zeroBits(n int) []byte {
	b := make([]byte, (n+7)/8)
	if n%8 != 0 {
		b[len(b)-1] = 0xff >> (n % 8)
	}
	return b
}

func repeat(n int, parts ...[]byte) []byte {
	var b []byte
	for range n {
		for _, p := range parts {
			b = append(b, p...)
		}
	}
	return b
}

// Marker codes and classes of tables that the tests put into files.
const (
	mSOF0  = stream.SOF0
	mSOF1  = stream.SOF1
	mSOF2  = stream.SOF2
	mDHT   = stream.DHT
	mSOF9  = stream.SOF9
	mRST0  = stream.RST0
	mSOI   = stream.SOI
	mEOI   = stream.EOI
	mSOS   = stream.SOS
	mDQT   = stream.DQT
	mDNL   = stream.DNL
	mDRI   = stream.DRI
	mAPP0  = stream.APP0
	mAPP2  = stream.APP2
	mAPP14 = stream.APP14
	mCOM   = stream.COM

	classDC = stream.ClassDC
	classAC = stream.ClassAC
)
