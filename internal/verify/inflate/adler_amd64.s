//go:build !purego

#include "textflag.h"

// func vectorSum(p *byte, n int) (sum, weighted uint64)
//
// A group of 64 bytes adds to weighted: 64 times the sum of all bytes before it, and its own
// bytes by weights from 64 to 1.
//
//	Y0 sums of bytes, four of 64 bits
//	Y1 sums of Y0 before each group, four of 64 bits
//	Y2 bytes by their weights, eight of 32 bits: at most 8*255*64 a group, 2^28 in a buffer
//	Y3 zero, Y4 sixteen words of 1, Y5 Y6 weights
//
// The products of VPMADDUBSW are at most 255*(64+63), which 16 bits with a sign hold.
TEXT ·vectorSum(SB), NOSPLIT, $0-32
	MOVQ    p+0(FP), SI
	MOVQ    n+8(FP), CX
	LEAQ    weights<>(SB), AX
	VMOVDQU (AX), Y5
	VMOVDQU 32(AX), Y6
	VPXOR   Y0, Y0, Y0
	VPXOR   Y1, Y1, Y1
	VPXOR   Y2, Y2, Y2
	VPXOR   Y3, Y3, Y3
	VPCMPEQW Y4, Y4, Y4
	VPSRLW  $15, Y4, Y4

group:
	VMOVDQU    (SI), Y7
	VMOVDQU    32(SI), Y8
	VPADDQ     Y0, Y1, Y1
	VPSADBW    Y3, Y7, Y9
	VPSADBW    Y3, Y8, Y10
	VPMADDUBSW Y5, Y7, Y7
	VPMADDUBSW Y6, Y8, Y8
	VPADDQ     Y9, Y10, Y9
	VPMADDWD   Y4, Y7, Y7
	VPMADDWD   Y4, Y8, Y8
	VPADDQ     Y9, Y0, Y0
	VPADDD     Y7, Y8, Y7
	VPADDD     Y7, Y2, Y2
	ADDQ       $64, SI
	SUBQ       $64, CX
	JNZ        group

	// Y2 to 64 bits, and Y1 times 64 on top of it.
	VPUNPCKLDQ   Y3, Y2, Y7
	VPUNPCKHDQ   Y3, Y2, Y8
	VPADDQ       Y7, Y8, Y2
	VPSLLQ       $6, Y1, Y1
	VPADDQ       Y1, Y2, Y2
	VEXTRACTI128 $1, Y0, X7
	VEXTRACTI128 $1, Y2, X8
	VPADDQ       X7, X0, X0
	VPADDQ       X8, X2, X2
	VPSRLDQ      $8, X0, X7
	VPSRLDQ      $8, X2, X8
	VPADDQ       X7, X0, X0
	VPADDQ       X8, X2, X2
	VMOVQ        X0, AX
	VMOVQ        X2, BX
	MOVQ         AX, sum+16(FP)
	MOVQ         BX, weighted+24(FP)
	VZEROUPPER
	RET

DATA weights<>+0(SB)/8, $0x393a3b3c3d3e3f40
DATA weights<>+8(SB)/8, $0x3132333435363738
DATA weights<>+16(SB)/8, $0x292a2b2c2d2e2f30
DATA weights<>+24(SB)/8, $0x2122232425262728
DATA weights<>+32(SB)/8, $0x191a1b1c1d1e1f20
DATA weights<>+40(SB)/8, $0x1112131415161718
DATA weights<>+48(SB)/8, $0x090a0b0c0d0e0f10
DATA weights<>+56(SB)/8, $0x0102030405060708
GLOBL weights<>(SB), RODATA|NOPTR, $64
