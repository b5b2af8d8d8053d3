//go:build !purego

#include "textflag.h"

// func dot8x8(t *tile)
//
// Y0 to Y7 are the sums of the eight pixels, Y8 the weights of one input, Y9 to Y12 one pixel's input,
// eight times. SI and DI walk along the first and the fifth pixel.
TEXT ·dot8x8(SB), NOSPLIT, $0-8
	MOVQ    t+0(FP), DX
	MOVQ    8(DX), SI
	MOVQ    16(DX), BX
	MOVQ    24(DX), AX
	MOVQ    48(DX), R8
	MOVQ    64(DX), CX
	SHLQ    $2, R8
	LEAQ    (R8)(R8*2), R9
	LEAQ    (SI)(R8*4), DI
	VMOVUPS (AX), Y0
	VMOVAPS Y0, Y1
	VMOVAPS Y0, Y2
	VMOVAPS Y0, Y3
	VMOVAPS Y0, Y4
	VMOVAPS Y0, Y5
	VMOVAPS Y0, Y6
	VMOVAPS Y0, Y7

next:
	VMOVUPS      (BX), Y8
	VBROADCASTSS (SI), Y9
	VBROADCASTSS (SI)(R8*1), Y10
	VBROADCASTSS (SI)(R8*2), Y11
	VBROADCASTSS (SI)(R9*1), Y12
	VFMADD231PS  Y8, Y9, Y0
	VFMADD231PS  Y8, Y10, Y1
	VFMADD231PS  Y8, Y11, Y2
	VFMADD231PS  Y8, Y12, Y3
	VBROADCASTSS (DI), Y9
	VBROADCASTSS (DI)(R8*1), Y10
	VBROADCASTSS (DI)(R8*2), Y11
	VBROADCASTSS (DI)(R9*1), Y12
	VFMADD231PS  Y8, Y9, Y4
	VFMADD231PS  Y8, Y10, Y5
	VFMADD231PS  Y8, Y11, Y6
	VFMADD231PS  Y8, Y12, Y7
	ADDQ         $4, SI
	ADDQ         $4, DI
	ADDQ         $32, BX
	DECQ         CX
	JNZ          next

	MOVQ   32(DX), SI
	TESTQ  SI, SI
	JZ     rectify
	MOVQ   56(DX), R8
	SHLQ   $2, R8
	LEAQ   (R8)(R8*2), R9
	LEAQ   (SI)(R8*4), DI
	VADDPS (SI), Y0, Y0
	VADDPS (SI)(R8*1), Y1, Y1
	VADDPS (SI)(R8*2), Y2, Y2
	VADDPS (SI)(R9*1), Y3, Y3
	VADDPS (DI), Y4, Y4
	VADDPS (DI)(R8*1), Y5, Y5
	VADDPS (DI)(R8*2), Y6, Y6
	VADDPS (DI)(R9*1), Y7, Y7

rectify:
	CMPQ   72(DX), $0
	JEQ    store
	VXORPS Y8, Y8, Y8
	VMAXPS Y0, Y8, Y0
	VMAXPS Y1, Y8, Y1
	VMAXPS Y2, Y8, Y2
	VMAXPS Y3, Y8, Y3
	VMAXPS Y4, Y8, Y4
	VMAXPS Y5, Y8, Y5
	VMAXPS Y6, Y8, Y6
	VMAXPS Y7, Y8, Y7

store:
	MOVQ    (DX), AX
	MOVQ    40(DX), R8
	SHLQ    $2, R8
	LEAQ    (R8)(R8*2), R9
	LEAQ    (AX)(R8*4), DI
	VMOVUPS Y0, (AX)
	VMOVUPS Y1, (AX)(R8*1)
	VMOVUPS Y2, (AX)(R8*2)
	VMOVUPS Y3, (AX)(R9*1)
	VMOVUPS Y4, (DI)
	VMOVUPS Y5, (DI)(R8*1)
	VMOVUPS Y6, (DI)(R8*2)
	VMOVUPS Y7, (DI)(R9*1)
	VZEROUPPER
	RET

// func taps9x8(dst, r0, r1, r2, taps, bias *float32, n, step, pixels int)
//
// Y0 to Y8 are the weights, Y9 the bias, Y10 the sum. The three columns of a row are
// R8 = 4n bytes apart.
TEXT ·taps9x8(SB), NOSPLIT, $0-72
	MOVQ    dst+0(FP), AX
	MOVQ    r0+8(FP), SI
	MOVQ    r1+16(FP), DI
	MOVQ    r2+24(FP), BX
	MOVQ    taps+32(FP), DX
	MOVQ    bias+40(FP), R10
	MOVQ    n+48(FP), R8
	MOVQ    step+56(FP), R9
	MOVQ    pixels+64(FP), CX
	SHLQ    $2, R8
	SHLQ    $2, R9
	VMOVUPS (R10), Y9
	VMOVUPS (DX), Y0
	VMOVUPS (DX)(R8*1), Y1
	VMOVUPS (DX)(R8*2), Y2
	LEAQ    (DX)(R8*2), DX
	ADDQ    R8, DX
	VMOVUPS (DX), Y3
	VMOVUPS (DX)(R8*1), Y4
	VMOVUPS (DX)(R8*2), Y5
	LEAQ    (DX)(R8*2), DX
	ADDQ    R8, DX
	VMOVUPS (DX), Y6
	VMOVUPS (DX)(R8*1), Y7
	VMOVUPS (DX)(R8*2), Y8

pixel:
	VMOVAPS     Y9, Y10
	VFMADD231PS (SI), Y0, Y10
	VFMADD231PS (SI)(R8*1), Y1, Y10
	VFMADD231PS (SI)(R8*2), Y2, Y10
	VFMADD231PS (DI), Y3, Y10
	VFMADD231PS (DI)(R8*1), Y4, Y10
	VFMADD231PS (DI)(R8*2), Y5, Y10
	VFMADD231PS (BX), Y6, Y10
	VFMADD231PS (BX)(R8*1), Y7, Y10
	VFMADD231PS (BX)(R8*2), Y8, Y10
	VMOVUPS     Y10, (AX)
	ADDQ        R9, SI
	ADDQ        R9, DI
	ADDQ        R9, BX
	ADDQ        R8, AX
	DECQ        CX
	JNZ         pixel

	VZEROUPPER
	RET
