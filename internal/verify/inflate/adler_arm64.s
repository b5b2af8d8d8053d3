//go:build !purego

#include "textflag.h"

// Instructions that Go's assembler does not know: pairs of bytes, of 16 or of 32 bits added to
// numbers of twice the width, and products of bytes added to 16 bits, for the lower and the
// upper eight.
#define UADDLP_8H(n, d)    WORD $(0x6e202800 | n<<5 | d)
#define UADALP_8H(n, d)    WORD $(0x6e206800 | n<<5 | d)
#define UADALP_4S(n, d)    WORD $(0x6e606800 | n<<5 | d)
#define UADALP_2D(n, d)    WORD $(0x6ea06800 | n<<5 | d)
#define UMULL_8H(m, n, d)  WORD $(0x2e20c000 | m<<16 | n<<5 | d)
#define UMLAL_8H(m, n, d)  WORD $(0x2e208000 | m<<16 | n<<5 | d)
#define UMLAL2_8H(m, n, d) WORD $(0x6e208000 | m<<16 | n<<5 | d)

// func vectorSum(p *byte, n int) (sum, weighted uint64)
//
// A group of 64 bytes adds to weighted: 64 times the sum of all bytes before it, and its own
// bytes by weights from 64 to 1.
//
//	V0  sums of bytes, four of 32 bits: less than 2^24 each in a buffer
//	V1  sums of V0 before each group, two of 64 bits
//	V2  bytes by their weights, four of 32 bits: less than 2^18 a group, 2^29 in a buffer
//	V16 to V19 weights
//
// V12 to V14 hold 16 bits: V12 at most 8*255, V13 255*(64+56+48+40), V14 255*(32+24+16+8).
TEXT ·vectorSum(SB), NOSPLIT, $0-32
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	MOVD $weights<>(SB), R2
	VLD1 (R2), [V16.B16, V17.B16, V18.B16, V19.B16]
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16

group:
	VLD1.P 64(R0), [V8.B16, V9.B16, V10.B16, V11.B16]
	UADALP_2D(0, 1)
	UADDLP_8H(8, 12)
	UMULL_8H(16, 8, 13)
	UMULL_8H(18, 10, 14)
	UADALP_8H(9, 12)
	UMLAL2_8H(16, 8, 13)
	UMLAL2_8H(18, 10, 14)
	UADALP_8H(10, 12)
	UMLAL_8H(17, 9, 13)
	UMLAL_8H(19, 11, 14)
	UADALP_8H(11, 12)
	UMLAL2_8H(17, 9, 13)
	UMLAL2_8H(19, 11, 14)
	UADALP_4S(12, 0)
	UADALP_4S(13, 2)
	UADALP_4S(14, 2)
	SUBS   $64, R1, R1
	BNE    group

	VUADDLV V0.S4, V3
	VUADDLV V2.S4, V4
	VMOV    V3.D[0], R3
	VMOV    V4.D[0], R4
	VMOV    V1.D[0], R5
	VMOV    V1.D[1], R6
	ADD     R6, R5, R5
	ADD     R5<<6, R4, R4
	MOVD    R3, sum+16(FP)
	MOVD    R4, weighted+24(FP)
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
