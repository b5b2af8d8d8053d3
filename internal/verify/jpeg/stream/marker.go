package stream

// Marker codes: the second byte of a marker. T.81 table B.1.
const (
	TEM   = 0x01
	SOF0  = 0xc0 // baseline, Huffman
	SOF1  = 0xc1 // extended sequential, Huffman
	SOF2  = 0xc2 // progressive, Huffman
	DHT   = 0xc4
	JPG   = 0xc8
	SOF9  = 0xc9 // extended sequential, arithmetic
	SOF10 = 0xca // progressive, arithmetic
	DAC   = 0xcc
	SOF15 = 0xcf
	RST0  = 0xd0
	RST7  = 0xd7
	SOI   = 0xd8
	EOI   = 0xd9
	SOS   = 0xda
	DQT   = 0xdb
	DNL   = 0xdc
	DRI   = 0xdd
	DHP   = 0xde
	EXP   = 0xdf
	APP0  = 0xe0
	APP1  = 0xe1
	APP2  = 0xe2
	APP11 = 0xeb
	APP14 = 0xee
	APP15 = 0xef
	COM   = 0xfe
)
