//go:build !purego

#include "textflag.h"

// Sample adaptive offset (8.7.3) of n samples, at least 16: sixteen at a time, and the last sixteen, of which some may
// have been done before, as out is not in. Samples have 12 bits at most, so that they are the same with a sign.

// Words of one value: 0x0202 makes two bytes of a word's index that, with 0x0100, name the bytes of that word.
#define WORDS(value, x, y) \
	MOVL         value, AX \
	VMOVD        AX, x     \
	VPBROADCASTW x, y

// func saoBand(out, in *uint16, n int, offsets *[8]int16, first, shift, top int)
//
// Adds offsets[0..3] to the samples in the bands first to first+3, of 32 that go round; the other offsets are 0.
TEXT ·saoBand(SB), NOSPLIT, $0-56
	MOVQ           out+0(FP), DI
	MOVQ           in+8(FP), SI
	MOVQ           n+16(FP), CX
	MOVQ           offsets+24(FP), BX
	MOVQ           shift+40(FP), AX
	VMOVQ          AX, X13
	VBROADCASTI128 (BX), Y11
	WORDS(first+32(FP), X10, Y10)
	WORDS(top+48(FP), X14, Y14)
	WORDS($31, X9, Y9)
	WORDS($4, X8, Y8)
	WORDS($0x0202, X7, Y7)
	WORDS($0x0100, X6, Y6)
	VPXOR          Y12, Y12, Y12
	ADDQ           CX, CX
	SUBQ           $32, CX                  // the last place, in bytes
	XORQ           DX, DX

band:
	VMOVDQU (SI)(DX*1), Y0
	VPSRLW  X13, Y0, Y1
	VPSUBW  Y10, Y1, Y1
	VPAND   Y9, Y1, Y1
	VPMINUW Y8, Y1, Y1
	VPMULLW Y7, Y1, Y1
	VPADDW  Y6, Y1, Y1
	VPSHUFB Y1, Y11, Y1
	VPADDSW Y1, Y0, Y0
	VPMAXSW Y12, Y0, Y0
	VPMINSW Y14, Y0, Y0
	VMOVDQU Y0, (DI)(DX*1)
	CMPQ    DX, CX
	JAE     bandEnd
	ADDQ    $32, DX
	CMPQ    DX, CX
	CMOVQHI CX, DX
	JMP     band

bandEnd:
	VZEROUPPER
	RET

// func saoEdge(out, in, a, b *uint16, n int, offsets *[8]int16, top int)
//
// Adds offsets[2 + sign(in-a) + sign(in-b)].
TEXT ·saoEdge(SB), NOSPLIT, $0-56
	MOVQ           out+0(FP), DI
	MOVQ           in+8(FP), SI
	MOVQ           a+16(FP), R8
	MOVQ           b+24(FP), R9
	MOVQ           n+32(FP), CX
	MOVQ           offsets+40(FP), BX
	VBROADCASTI128 (BX), Y11
	WORDS(top+48(FP), X14, Y14)
	WORDS($2, X10, Y10)
	WORDS($0x0202, X7, Y7)
	WORDS($0x0100, X6, Y6)
	VPXOR          Y12, Y12, Y12
	ADDQ           CX, CX
	SUBQ           $32, CX
	XORQ           DX, DX

edge:
	VMOVDQU  (SI)(DX*1), Y0
	VMOVDQU  (R8)(DX*1), Y1
	VMOVDQU  (R9)(DX*1), Y2
	VPCMPGTW Y1, Y0, Y3    // -1 where in is greater
	VPCMPGTW Y2, Y0, Y4
	VPCMPGTW Y0, Y1, Y1    // -1 where it is less
	VPCMPGTW Y0, Y2, Y2
	VPADDW   Y4, Y3, Y3
	VPADDW   Y2, Y1, Y1
	VPSUBW   Y3, Y1, Y1
	VPADDW   Y10, Y1, Y1
	VPMULLW  Y7, Y1, Y1
	VPADDW   Y6, Y1, Y1
	VPSHUFB  Y1, Y11, Y1
	VPADDSW  Y1, Y0, Y0
	VPMAXSW  Y12, Y0, Y0
	VPMINSW  Y14, Y0, Y0
	VMOVDQU  Y0, (DI)(DX*1)
	CMPQ     DX, CX
	JAE      edgeEnd
	ADDQ     $32, DX
	CMPQ     DX, CX
	CMOVQHI  CX, DX
	JMP      edge

edgeEnd:
	VZEROUPPER
	RET
