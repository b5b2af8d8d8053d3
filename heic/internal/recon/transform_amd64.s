//go:build !purego

#include "textflag.h"

// The inverse transforms (8.6.4.2), on coefficients of 16 bits. VPMADDWD multiplies pairs of them with pairs
// of the matrix and adds up each pair in 32 bits, which holds all sums: 32 products are below 2^27.

// func dctColumns(dst, src, table *int16, n, cols, rows int)
//
// Transforms the first cols columns, eight at a time: SI and DI are their first sample in src and dst. A pair of
// elements 4j and 4j+2 of a column, or 4j+1 and 4j+3, stands in one dword of buf. Even and odd elements are summed
// apart: line y is their sum, line n-1-y their difference. R11 is the bytes of a line, R10 the groups of four
// elements.
TEXT ·dctColumns(SB), 0, $512-48
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	MOVQ         n+24(FP), R8
	MOVQ         cols+32(FP), R9
	MOVQ         rows+40(FP), R10
	SHRQ         $2, R10
	LEAQ         (R8)(R8*1), R11
	DECQ         R8
	IMULQ        R11, R8                    // from the first line to the last
	MOVL         $64, AX
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15

columns:
	MOVQ SI, AX
	LEAQ buf-512(SP), BX
	MOVQ R10, CX

gather:
	VMOVDQU     (AX), X0
	VMOVDQU     (AX)(R11*1), X1
	LEAQ        (AX)(R11*2), AX
	VMOVDQU     (AX), X2
	VMOVDQU     (AX)(R11*1), X3
	LEAQ        (AX)(R11*2), AX
	VPUNPCKLWD  X2, X0, X4
	VPUNPCKHWD  X2, X0, X5
	VINSERTI128 $1, X5, Y4, Y4
	VPUNPCKLWD  X3, X1, X6
	VPUNPCKHWD  X3, X1, X7
	VINSERTI128 $1, X7, Y6, Y6
	VMOVDQU     Y4, (BX)
	VMOVDQU     Y6, 32(BX)
	ADDQ        $64, BX
	DECQ        CX
	JNZ         gather

	MOVQ table+16(FP), DX
	MOVQ DI, R12           // line y
	LEAQ (DI)(R8*1), R13   // line n-1-y

line:
	VMOVDQA Y15, Y0 // of even elements, and what rounds
	VPXOR   Y1, Y1, Y1
	LEAQ    buf-512(SP), BX
	MOVQ    DX, AX
	MOVQ    R10, CX

sum:
	VPBROADCASTD (AX), Y2
	VPBROADCASTD 4(AX), Y3
	VPMADDWD     (BX), Y2, Y2
	VPMADDWD     32(BX), Y3, Y3
	VPADDD       Y2, Y0, Y0
	VPADDD       Y3, Y1, Y1
	ADDQ         $8, AX
	ADDQ         $64, BX
	DECQ         CX
	JNZ          sum

	VPADDD       Y1, Y0, Y2
	VPSUBD       Y1, Y0, Y3
	VPSRAD       $7, Y2, Y2
	VPSRAD       $7, Y3, Y3
	VPACKSSDW    Y3, Y2, Y2
	VPERMQ       $0xD8, Y2, Y2
	VMOVDQU      X2, (R12)
	VEXTRACTI128 $1, Y2, (R13)
	ADDQ         R11, DX       // 2n bytes are also the n/4 double pairs of a line of the table
	ADDQ         R11, R12
	SUBQ         R11, R13
	CMPQ         R12, R13
	JB           line

	ADDQ $16, SI
	ADDQ $16, DI
	SUBQ $8, R9
	JG   columns
	VZEROUPPER
	RET

// func dctRowsAdd(pix *uint16, stride int, src, table *int16, n, cols, shift, top int)
//
// Transforms the rows of a block of 16x16 or 32x32 and adds them to pix: two rows at a time, 16 samples of each.
// Pairs of elements are broadcast from the rows, as the table has those of the matrix side by side. R12 is the place
// in the row of pix in bytes.
TEXT ·dctRowsAdd(SB), NOSPLIT, $0-64
	MOVQ         pix+0(FP), DI
	MOVQ         stride+8(FP), R9
	MOVQ         src+16(FP), SI
	MOVQ         n+32(FP), R13
	MOVQ         cols+40(FP), R10
	ADDQ         R9, R9
	LEAQ         (R13)(R13*1), R11          // bytes of a row of src
	LEAQ         (R11)(R11*1), R8           // bytes of the table for a pair
	SHRQ         $1, R10                    // pairs
	MOVQ         shift+48(FP), CX
	VMOVQ        CX, X13
	MOVQ         $1, AX
	DECQ         CX
	SHLQ         CX, AX
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15
	MOVQ         top+56(FP), AX
	VMOVD        AX, X14
	VPBROADCASTW X14, Y14
	VPXOR        Y12, Y12, Y12

rows:
	XORQ R12, R12

group:
	VMOVDQA Y15, Y0
	VMOVDQA Y15, Y1
	VMOVDQA Y15, Y2
	VMOVDQA Y15, Y3
	MOVQ    table+24(FP), AX
	LEAQ    (AX)(R12*2), AX
	MOVQ    SI, BX
	MOVQ    R10, CX

pair:
	VMOVDQU      (AX), Y6
	VMOVDQU      32(AX), Y7
	VPBROADCASTD (BX), Y4
	VPBROADCASTD (BX)(R11*1), Y5
	VPMADDWD     Y6, Y4, Y8
	VPMADDWD     Y7, Y4, Y9
	VPMADDWD     Y6, Y5, Y10
	VPMADDWD     Y7, Y5, Y11
	VPADDD       Y8, Y0, Y0
	VPADDD       Y9, Y1, Y1
	VPADDD       Y10, Y2, Y2
	VPADDD       Y11, Y3, Y3
	ADDQ         R8, AX
	ADDQ         $4, BX
	DECQ         CX
	JNZ          pair

	VPSRAD    X13, Y0, Y0
	VPSRAD    X13, Y1, Y1
	VPSRAD    X13, Y2, Y2
	VPSRAD    X13, Y3, Y3
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPERMQ    $0xD8, Y0, Y0
	VPERMQ    $0xD8, Y2, Y2

	// Samples have 12 bits at most: a sum that saturates is out of their range.
	LEAQ    (DI)(R9*1), BX
	VPADDSW (DI)(R12*1), Y0, Y0
	VPADDSW (BX)(R12*1), Y2, Y2
	VPMAXSW Y12, Y0, Y0
	VPMAXSW Y12, Y2, Y2
	VPMINSW Y14, Y0, Y0
	VPMINSW Y14, Y2, Y2
	VMOVDQU Y0, (DI)(R12*1)
	VMOVDQU Y2, (BX)(R12*1)
	ADDQ    $32, R12
	CMPQ    R12, R11
	JB      group

	LEAQ (SI)(R11*2), SI
	LEAQ (DI)(R9*2), DI
	SUBQ $2, R13
	JNZ  rows
	VZEROUPPER
	RET

// func dctRowsAdd8(pix *uint16, stride int, src, table *int16, cols, shift, top int)
//
// Is dctRowsAdd for 8x8.
TEXT ·dctRowsAdd8(SB), NOSPLIT, $0-56
	MOVQ         pix+0(FP), DI
	MOVQ         stride+8(FP), R9
	MOVQ         src+16(FP), SI
	MOVQ         table+24(FP), DX
	MOVQ         cols+32(FP), R10
	ADDQ         R9, R9
	SHRQ         $1, R10
	MOVQ         shift+40(FP), CX
	VMOVQ        CX, X13
	MOVQ         $1, AX
	DECQ         CX
	SHLQ         CX, AX
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15
	MOVQ         top+48(FP), AX
	VMOVD        AX, X14
	VPBROADCASTW X14, Y14
	VPXOR        Y12, Y12, Y12
	MOVQ         $4, R13

rows8:
	VMOVDQA Y15, Y0
	VMOVDQA Y15, Y1
	MOVQ    DX, AX
	MOVQ    SI, BX
	MOVQ    R10, CX

pair8:
	VMOVDQU      (AX), Y6
	VPBROADCASTD (BX), Y4
	VPBROADCASTD 16(BX), Y5
	VPMADDWD     Y6, Y4, Y4
	VPMADDWD     Y6, Y5, Y5
	VPADDD       Y4, Y0, Y0
	VPADDD       Y5, Y1, Y1
	ADDQ         $32, AX
	ADDQ         $4, BX
	DECQ         CX
	JNZ          pair8

	VPSRAD       X13, Y0, Y0
	VPSRAD       X13, Y1, Y1
	VPACKSSDW    Y1, Y0, Y0
	VPERMQ       $0xD8, Y0, Y0
	VMOVDQU      (DI), X2
	VINSERTI128  $1, (DI)(R9*1), Y2, Y2
	VPADDSW      Y2, Y0, Y0
	VPMAXSW      Y12, Y0, Y0
	VPMINSW      Y14, Y0, Y0
	VMOVDQU      X0, (DI)
	VEXTRACTI128 $1, Y0, (DI)(R9*1)
	ADDQ         $32, SI
	LEAQ         (DI)(R9*2), DI
	DECQ         R13
	JNZ          rows8
	VZEROUPPER
	RET

// func transformAdd4(pix *uint16, stride int, src, table *int16, shift, top int)
//
// Transforms a block of 4x4 and adds it to pix. Two lines stand in one register, one in each half. The table has
// 32 bytes each: pairs of elements 0 and 1, then 2 and 3, of the matrix, for the columns' lines 0 and 1, then 2 and 3;
// and for the rows, where both halves are the same.
TEXT ·transformAdd4(SB), NOSPLIT, $0-48
	MOVQ         pix+0(FP), DI
	MOVQ         stride+8(FP), R9
	MOVQ         src+16(FP), SI
	MOVQ         table+24(FP), DX
	MOVQ         shift+32(FP), CX
	VMOVQ        CX, X13
	MOVQ         $1, AX
	DECQ         CX
	SHLQ         CX, AX
	VMOVD        AX, X15
	VPBROADCASTD X15, Y15
	MOVQ         top+40(FP), AX
	VMOVD        AX, X14
	VPBROADCASTW X14, Y14
	VPXOR        Y12, Y12, Y12
	MOVL         $64, AX
	VMOVD        AX, X11
	VPBROADCASTD X11, Y11

	// Columns.
	VMOVQ       (SI), X0
	VMOVQ       8(SI), X1
	VMOVQ       16(SI), X2
	VMOVQ       24(SI), X3
	VPUNPCKLWD  X1, X0, X0
	VPUNPCKLWD  X3, X2, X2
	VINSERTI128 $1, X0, Y0, Y0   // elements 0 and 1 of four columns, twice
	VINSERTI128 $1, X2, Y2, Y2   // elements 2 and 3
	VPMADDWD    (DX), Y0, Y4
	VPMADDWD    32(DX), Y2, Y5
	VPMADDWD    64(DX), Y0, Y6
	VPMADDWD    96(DX), Y2, Y7
	VPADDD      Y11, Y4, Y4
	VPADDD      Y11, Y6, Y6
	VPADDD      Y5, Y4, Y4
	VPADDD      Y7, Y6, Y6
	VPSRAD      $7, Y4, Y4
	VPSRAD      $7, Y6, Y6
	VPACKSSDW   Y6, Y4, Y0       // lines 0 and 2, and 1 and 3

	// Rows.
	VPSHUFD   $0x00, Y0, Y1
	VPSHUFD   $0x55, Y0, Y2
	VPSHUFD   $0xAA, Y0, Y3
	VPSHUFD   $0xFF, Y0, Y4
	VPMADDWD  128(DX), Y1, Y1
	VPMADDWD  160(DX), Y2, Y2
	VPMADDWD  128(DX), Y3, Y3
	VPMADDWD  160(DX), Y4, Y4
	VPADDD    Y15, Y1, Y1
	VPADDD    Y15, Y3, Y3
	VPADDD    Y2, Y1, Y1
	VPADDD    Y4, Y3, Y3
	VPSRAD    X13, Y1, Y1
	VPSRAD    X13, Y3, Y3
	VPACKSSDW Y3, Y1, Y0

	LEAQ         (DI)(R9*4), R8
	VMOVQ        (DI), X1
	VPINSRQ      $1, (R8), X1, X1
	VMOVQ        (DI)(R9*2), X2
	VPINSRQ      $1, (R8)(R9*2), X2, X2
	VINSERTI128  $1, X2, Y1, Y1
	VPADDSW      Y1, Y0, Y0
	VPMAXSW      Y12, Y0, Y0
	VPMINSW      Y14, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VMOVQ        X0, (DI)
	VMOVQ        X1, (DI)(R9*2)
	VPEXTRQ      $1, X0, (R8)
	VPEXTRQ      $1, X1, (R8)(R9*2)
	VZEROUPPER
	RET

// func addFlat(pix *uint16, stride, n, v, top int)
//
// Adds v to a block of n by n samples, of which n is 8, 16 or 32.
TEXT ·addFlat(SB), NOSPLIT, $0-40
	MOVQ         pix+0(FP), DI
	MOVQ         stride+8(FP), R9
	MOVQ         n+16(FP), CX
	MOVQ         v+24(FP), AX
	MOVQ         top+32(FP), BX
	ADDQ         R9, R9
	LEAQ         (CX)(CX*1), R8
	VMOVD        AX, X15
	VPBROADCASTW X15, Y15
	VMOVD        BX, X14
	VPBROADCASTW X14, Y14
	VPXOR        Y12, Y12, Y12

flat:
	XORQ R12, R12

flat8:
	VPADDSW (DI)(R12*1), X15, X0
	VPMAXSW X12, X0, X0
	VPMINSW X14, X0, X0
	VMOVDQU X0, (DI)(R12*1)
	ADDQ    $16, R12
	CMPQ    R12, R8
	JB      flat8
	ADDQ    R9, DI
	DECQ    CX
	JNZ     flat
	VZEROUPPER
	RET
