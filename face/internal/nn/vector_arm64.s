//go:build !purego

#include "textflag.h"

// FMLA_S4 adds to the four floats of d those of n, each times float i of m. Go's assembler does
// not know this form (Arm Architecture Reference Manual, "FMLA (by element)").
#define FMLA_S4(m, i, n, d) WORD $(0x4f801000 | (i&1)<<21 | (i>>1)<<11 | m<<16 | n<<5 | d)

// FADD_S4 and FMAX_S4 set d to the sums and the larger ones of four floats; Go's assembler does
// not know them for vectors either.
#define FADD_S4(m, n, d) WORD $(0x4e20d400 | m<<16 | n<<5 | d)
#define FMAX_S4(m, n, d) WORD $(0x4e20f400 | m<<16 | n<<5 | d)

// INPUT adds to the sums of all eight pixels input i of V18 to V25, times the weights in V16
// and V17.
#define INPUT(i) \
	VLD1.P 32(R4), [V16.S4, V17.S4] \
	FMLA_S4(18, i, 16, 0)           \
	FMLA_S4(18, i, 17, 1)           \
	FMLA_S4(19, i, 16, 2)           \
	FMLA_S4(19, i, 17, 3)           \
	FMLA_S4(20, i, 16, 4)           \
	FMLA_S4(20, i, 17, 5)           \
	FMLA_S4(21, i, 16, 6)           \
	FMLA_S4(21, i, 17, 7)           \
	FMLA_S4(22, i, 16, 8)           \
	FMLA_S4(22, i, 17, 9)           \
	FMLA_S4(23, i, 16, 10)          \
	FMLA_S4(23, i, 17, 11)          \
	FMLA_S4(24, i, 16, 12)          \
	FMLA_S4(24, i, 17, 13)          \
	FMLA_S4(25, i, 16, 14)          \
	FMLA_S4(25, i, 17, 15)

// func dot8x8(t *tile)
//
// V0 to V15 are the sums, two registers a pixel; V16 and V17 the weights of one input; V18 to
// V25 four inputs of each pixel. R6 to R13 walk along the pixels.
TEXT ·dot8x8(SB), NOSPLIT, $0-8
	MOVD t+0(FP), R0
	MOVD 8(R0), R6
	MOVD 16(R0), R4
	MOVD 24(R0), R5
	MOVD 48(R0), R2
	MOVD 64(R0), R3
	ADD  R2<<2, R6, R7
	ADD  R2<<2, R7, R8
	ADD  R2<<2, R8, R9
	ADD  R2<<2, R9, R10
	ADD  R2<<2, R10, R11
	ADD  R2<<2, R11, R12
	ADD  R2<<2, R12, R13
	VLD1 (R5), [V0.S4, V1.S4]
	VMOV V0.B16, V2.B16
	VMOV V1.B16, V3.B16
	VMOV V0.B16, V4.B16
	VMOV V1.B16, V5.B16
	VMOV V0.B16, V6.B16
	VMOV V1.B16, V7.B16
	VMOV V0.B16, V8.B16
	VMOV V1.B16, V9.B16
	VMOV V0.B16, V10.B16
	VMOV V1.B16, V11.B16
	VMOV V0.B16, V12.B16
	VMOV V1.B16, V13.B16
	VMOV V0.B16, V14.B16
	VMOV V1.B16, V15.B16
	SUBS $4, R3, R3
	BLT  rest

four:
	VLD1.P 16(R6), [V18.S4]
	VLD1.P 16(R7), [V19.S4]
	VLD1.P 16(R8), [V20.S4]
	VLD1.P 16(R9), [V21.S4]
	VLD1.P 16(R10), [V22.S4]
	VLD1.P 16(R11), [V23.S4]
	VLD1.P 16(R12), [V24.S4]
	VLD1.P 16(R13), [V25.S4]
	INPUT(0)
	INPUT(1)
	INPUT(2)
	INPUT(3)
	SUBS   $4, R3, R3
	BGE    four

rest:
	ADDS $4, R3, R3
	BEQ  done

one:
	FMOVS.P 4(R6), F18
	FMOVS.P 4(R7), F19
	FMOVS.P 4(R8), F20
	FMOVS.P 4(R9), F21
	FMOVS.P 4(R10), F22
	FMOVS.P 4(R11), F23
	FMOVS.P 4(R12), F24
	FMOVS.P 4(R13), F25
	INPUT(0)
	SUBS    $1, R3, R3
	BNE     one

done:
	MOVD   32(R0), R1
	CBZ    R1, rectify
	MOVD   56(R0), R2
	LSL    $2, R2, R2
	VLD1.P (R1)(R2), [V16.S4, V17.S4]
	FADD_S4(16, 0, 0)
	FADD_S4(17, 1, 1)
	VLD1.P (R1)(R2), [V16.S4, V17.S4]
	FADD_S4(16, 2, 2)
	FADD_S4(17, 3, 3)
	VLD1.P (R1)(R2), [V16.S4, V17.S4]
	FADD_S4(16, 4, 4)
	FADD_S4(17, 5, 5)
	VLD1.P (R1)(R2), [V16.S4, V17.S4]
	FADD_S4(16, 6, 6)
	FADD_S4(17, 7, 7)
	VLD1.P (R1)(R2), [V16.S4, V17.S4]
	FADD_S4(16, 8, 8)
	FADD_S4(17, 9, 9)
	VLD1.P (R1)(R2), [V16.S4, V17.S4]
	FADD_S4(16, 10, 10)
	FADD_S4(17, 11, 11)
	VLD1.P (R1)(R2), [V16.S4, V17.S4]
	FADD_S4(16, 12, 12)
	FADD_S4(17, 13, 13)
	VLD1.P (R1)(R2), [V16.S4, V17.S4]
	FADD_S4(16, 14, 14)
	FADD_S4(17, 15, 15)

rectify:
	MOVD 72(R0), R1
	CBZ  R1, store
	VEOR V16.B16, V16.B16, V16.B16
	FMAX_S4(16, 0, 0)
	FMAX_S4(16, 1, 1)
	FMAX_S4(16, 2, 2)
	FMAX_S4(16, 3, 3)
	FMAX_S4(16, 4, 4)
	FMAX_S4(16, 5, 5)
	FMAX_S4(16, 6, 6)
	FMAX_S4(16, 7, 7)
	FMAX_S4(16, 8, 8)
	FMAX_S4(16, 9, 9)
	FMAX_S4(16, 10, 10)
	FMAX_S4(16, 11, 11)
	FMAX_S4(16, 12, 12)
	FMAX_S4(16, 13, 13)
	FMAX_S4(16, 14, 14)
	FMAX_S4(16, 15, 15)

store:
	MOVD   (R0), R1
	MOVD   40(R0), R2
	LSL    $2, R2, R2
	VST1.P [V0.S4, V1.S4], (R1)(R2)
	VST1.P [V2.S4, V3.S4], (R1)(R2)
	VST1.P [V4.S4, V5.S4], (R1)(R2)
	VST1.P [V6.S4, V7.S4], (R1)(R2)
	VST1.P [V8.S4, V9.S4], (R1)(R2)
	VST1.P [V10.S4, V11.S4], (R1)(R2)
	VST1.P [V12.S4, V13.S4], (R1)(R2)
	VST1.P [V14.S4, V15.S4], (R1)(R2)
	RET

// func taps9x8(dst, r0, r1, r2, taps, bias *float32, n, step, pixels int)
//
// V0 to V17 are the weights, two registers a tap, V18 and V19 the bias, V20 and V21 the sums.
// R1 to R3, R4 to R6 and R7 to R9 walk along the three columns of the rows. From column to
// column and from pixel to pixel of dst it is R12 = 4n bytes.
TEXT ·taps9x8(SB), NOSPLIT, $0-72
	MOVD   dst+0(FP), R0
	MOVD   r0+8(FP), R1
	MOVD   r1+16(FP), R4
	MOVD   r2+24(FP), R7
	MOVD   taps+32(FP), R10
	MOVD   bias+40(FP), R11
	MOVD   n+48(FP), R12
	MOVD   step+56(FP), R13
	MOVD   pixels+64(FP), R14
	LSL    $2, R12, R12
	LSL    $2, R13, R13
	ADD    R12, R1, R2
	ADD    R12, R2, R3
	ADD    R12, R4, R5
	ADD    R12, R5, R6
	ADD    R12, R7, R8
	ADD    R12, R8, R9
	VLD1   (R11), [V18.S4, V19.S4]
	VLD1.P (R10)(R12), [V0.S4, V1.S4]
	VLD1.P (R10)(R12), [V2.S4, V3.S4]
	VLD1.P (R10)(R12), [V4.S4, V5.S4]
	VLD1.P (R10)(R12), [V6.S4, V7.S4]
	VLD1.P (R10)(R12), [V8.S4, V9.S4]
	VLD1.P (R10)(R12), [V10.S4, V11.S4]
	VLD1.P (R10)(R12), [V12.S4, V13.S4]
	VLD1.P (R10)(R12), [V14.S4, V15.S4]
	VLD1.P (R10)(R12), [V16.S4, V17.S4]

pixel:
	VMOV   V18.B16, V20.B16
	VMOV   V19.B16, V21.B16
	VLD1.P (R1)(R13), [V22.S4, V23.S4]
	VLD1.P (R2)(R13), [V24.S4, V25.S4]
	VLD1.P (R3)(R13), [V26.S4, V27.S4]
	VFMLA  V0.S4, V22.S4, V20.S4
	VFMLA  V1.S4, V23.S4, V21.S4
	VFMLA  V2.S4, V24.S4, V20.S4
	VFMLA  V3.S4, V25.S4, V21.S4
	VFMLA  V4.S4, V26.S4, V20.S4
	VFMLA  V5.S4, V27.S4, V21.S4
	VLD1.P (R4)(R13), [V22.S4, V23.S4]
	VLD1.P (R5)(R13), [V24.S4, V25.S4]
	VLD1.P (R6)(R13), [V26.S4, V27.S4]
	VFMLA  V6.S4, V22.S4, V20.S4
	VFMLA  V7.S4, V23.S4, V21.S4
	VFMLA  V8.S4, V24.S4, V20.S4
	VFMLA  V9.S4, V25.S4, V21.S4
	VFMLA  V10.S4, V26.S4, V20.S4
	VFMLA  V11.S4, V27.S4, V21.S4
	VLD1.P (R7)(R13), [V22.S4, V23.S4]
	VLD1.P (R8)(R13), [V24.S4, V25.S4]
	VLD1.P (R9)(R13), [V26.S4, V27.S4]
	VFMLA  V12.S4, V22.S4, V20.S4
	VFMLA  V13.S4, V23.S4, V21.S4
	VFMLA  V14.S4, V24.S4, V20.S4
	VFMLA  V15.S4, V25.S4, V21.S4
	VFMLA  V16.S4, V26.S4, V20.S4
	VFMLA  V17.S4, V27.S4, V21.S4
	VST1.P [V20.S4, V21.S4], (R0)(R12)
	SUBS   $1, R14, R14
	BNE    pixel
	RET
