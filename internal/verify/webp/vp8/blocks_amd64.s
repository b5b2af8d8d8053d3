//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The tokens of blocks, as (window).block reads them. What it gains: nothing is spilled to the
// stack, and LZCNT takes the place of two tables in the chain from boolean to boolean.
//
// Registers:
//
//	R8  v, the next bits, highest first
//	R9  the range, 128..255, in bits 24-31
//	CX  how many bits of v count
//	SI  where the next byte is; 8(SP) the first place where too few bytes are left
//	DI  the probabilities for the next booleans, 16 bytes
//	R10 position of the coefficient
//	R11 the probabilities of the plane: 64 bytes a position, 16 a context
//	AX BX DX R12 R13 scratch
//
// r in boolean.go is the range minus 1.

// Where the lists of probabilities for extra bits begin in extra, by category.
#define EXTRA1 0
#define EXTRA2 2
#define EXTRA3 5
#define EXTRA4 9
#define EXTRA5 14
#define EXTRA6 20

// FILL loads whole bytes into R8, to 56 bits or more.
#define FILL \
	MOVQ   (SI), AX    \
	BSWAPQ AX          \
	SHRXQ  CX, AX, AX  \
	ORQ    AX, R8      \
	MOVL   $63, AX     \
	SUBL   CX, AX      \
	SHRL   $3, AX      \
	ADDQ   AX, SI      \
	ORL    $56, CX

// SPLIT compares the top byte of v with the split by the probability p: above is a boolean of 1.
// It leaves the split in AX, and r in bits 24-31 of DX.
#define SPLIT(p) \
	MOVBLZX p, AX               \
	LEAQ    -0x1000000(R9), DX  \
	MOVQ    R8, BX              \
	IMULQ   DX, AX              \
	SHRQ    $56, BX             \
	SHRQ    $32, AX             \
	CMPL    BX, AX

// NORM makes the range x the one of the next boolean. A shift by 32 bits takes its count modulo
// 32, so that it moves x to the top.
#define NORM(x) \
	LZCNTL x, BX       \
	SHLXL  BX, x, R9   \
	SUBL   $24, BX     \
	SHLXQ  BX, R8, R8  \
	SUBL   BX, CX

// TAKE0 and TAKE1 drop the boolean that SPLIT has compared.
#define TAKE0 \
	INCL AX  \
	NORM(AX)

#define TAKE1 \
	SHRL $24, DX  \
	SUBL AX, DX   \
	INCL AX       \
	SHLQ $56, AX  \
	SUBQ AX, R8   \
	NORM(DX)

// SKIP drops a boolean of any value, without a branch.
#define SKIP(p) \
	SPLIT(p)         \
	SHRL    $24, DX  \
	SUBL    AX, DX   \
	INCL    AX       \
	MOVQ    AX, BX   \
	SHLQ    $56, BX  \
	MOVQ    R8, R12  \
	SUBQ    BX, R12  \
	CMOVQCC R12, R8  \
	CMOVLCC DX, AX   \
	NORM(AX)

// SIGN drops a boolean of even probability. The range is not 255 (see (window).sign), so that it
// is halved and doubled: an odd one goes up by 1 for a boolean of 0, and down for 1.
#define SIGN \
	LEAQ    0x1000000(R9), AX  \
	MOVL    R9, DX             \
	SHRQ    $25, AX            \
	ANDL    $0x1000000, DX     \
	SHLQ    $56, AX            \
	LEAL    (R9)(DX*1), BX     \
	SUBL    DX, R9             \
	MOVQ    R8, R12            \
	SUBQ    AX, R12            \
	CMOVQCC R12, R8            \
	CMOVLCS BX, R9             \
	ADDQ    R8, R8             \
	DECL    CX

// PROBS makes DI the probabilities of position R10 in this context.
#define PROBS(context) \
	MOVL R10, DI             \
	SHLL $6, DI              \
	LEAQ (16*context)(R11)(DI*1), DI

// func fastBlocks(r *reader, probs *planeProbs, list *block, count, first int, left, above *contexts) (done, steps int)
TEXT ·fastBlocks(SB), NOSPLIT, $16-72
	MOVQ r+0(FP), AX
	MOVQ probs+8(FP), R11
	MOVQ (reader_w+window_v)(AX), R8
	MOVL (reader_w+window_r)(AX), R9
	INCL R9
	SHLL $24, R9
	MOVQ (reader_w+window_n)(AX), CX
	MOVQ reader_b(AX), SI
	MOVQ (reader_b+8)(AX), DX
	LEAQ -const_blockMargin(SI)(DX*1), DX
	MOVQ DX, limit-8(SP)
	ADDQ reader_pos(AX), SI
	MOVQ $0, done+56(FP)
	MOVQ $0, steps+64(FP)

block:
	CMPQ SI, limit-8(SP)
	JGE  return
	MOVQ done+56(FP), AX
	CMPQ AX, count+24(FP)
	JGE  return

	// The contexts of the left and the upper neighbour.
	MOVQ    list+16(FP), BX
	MOVBLZX block_left(BX)(AX*2), DX
	MOVBLZX block_above(BX)(AX*2), R12
	MOVQ    left+40(FP), AX
	ADDQ    AX, DX
	MOVQ    above+48(FP), AX
	ADDQ    AX, R12
	MOVQ    DX, leftAt-16(SP)
	MOVBLZX (DX), DX
	MOVBLZX (R12), R12
	MOVQ    first+32(FP), R10
	LEAL    (DX)(R10*4), DI
	ADDL    R12, DI
	SHLL    $4, DI
	ADDQ    R11, DI

token:
	FILL
	SPLIT(0(DI))
	JHI  more
	TAKE0
	JMP  end

more:
	TAKE1

zeros:
	SPLIT(1(DI))
	JHI  nonzero
	TAKE0
	INCL R10
	CMPL R10, $16
	JEQ  end
	PROBS(0)
	FILL
	JMP  zeros

nonzero:
	TAKE1
	INCL R10
	SPLIT(2(DI))
	JHI  large
	TAKE0
	SIGN
	PROBS(1)
	CMPL R10, $16
	JNE  token
	JMP  end

large:
	TAKE1
	SPLIT(3(DI))
	JHI  larger
	TAKE0
	SPLIT(4(DI))
	JHI  threeFour
	TAKE0

sign:
	SIGN
	PROBS(2)
	CMPL R10, $16
	JNE  token
	JMP  end

threeFour:
	TAKE1
	SKIP(5(DI))
	JMP sign

larger:
	TAKE1
	FILL
	SPLIT(6(DI))
	JHI  category3
	TAKE0
	LEAQ extra<>(SB), R13
	SPLIT(7(DI))
	JHI  category2
	TAKE0
	SKIP(EXTRA1(R13))
	JMP  sign

category2:
	TAKE1
	SKIP(EXTRA2(R13))
	SKIP((EXTRA2+1)(R13))
	JMP sign

category3:
	// The categories 3 to 6: two booleans choose the list of probabilities, which ends with 0.
	TAKE1
	LEAQ extra<>(SB), R13
	SPLIT(8(DI))
	JHI  category5
	TAKE0
	SPLIT(9(DI))
	JHI  category4
	TAKE0
	ADDQ $EXTRA3, R13
	JMP  extra

category4:
	TAKE1
	ADDQ $EXTRA4, R13
	JMP  extra

category5:
	TAKE1
	SPLIT(10(DI))
	JHI  category6
	TAKE0
	ADDQ $EXTRA5, R13
	JMP  extra

category6:
	TAKE1
	ADDQ $EXTRA6, R13

extra:
	FILL
	SKIP(0(R13))
	INCQ R13
	CMPB (R13), $0
	JNE  extra
	FILL
	JMP  sign

end:
	// The block is a context of others: 1 if it has coefficients.
	MOVQ done+56(FP), AX
	MOVQ list+16(FP), BX
	MOVBLZX block_above(BX)(AX*2), R12
	ADDQ above+48(FP), R12
	INCQ AX
	MOVQ AX, done+56(FP)
	SUBQ first+32(FP), R10
	LEAQ 1(R10), AX
	ADDQ AX, steps+64(FP)
	XORL DX, DX
	TESTQ R10, R10
	SETNE DL
	MOVQ leftAt-16(SP), AX
	MOVB DX, (AX)
	MOVB DX, (R12)
	JMP  block

return:
	MOVQ r+0(FP), AX
	MOVQ R8, (reader_w+window_v)(AX)
	SHRL $24, R9
	DECL R9
	MOVL R9, (reader_w+window_r)(AX)
	MOVQ CX, (reader_w+window_n)(AX)
	SUBQ reader_b(AX), SI
	MOVQ SI, reader_pos(AX)
	RET

// The probabilities of extra bits, RFC 6386 section 13.2, for categories 1 to 6; a zero after each
// list.
DATA extra<>+0(SB)/8, $0x8c94ad0091a5009f
DATA extra<>+8(SB)/8, $0x9db400878c9bb000
DATA extra<>+16(SB)/8, $0xe6f3fefe0082868d
DATA extra<>+24(SB)/8, $0x008182858c99b1c4
GLOBL extra<>(SB), RODATA|NOPTR, $32
