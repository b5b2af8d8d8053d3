//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The loop over the symbols of a block. It does what (*Decoder).loop does, and its entries are
// those of huffman.go. What it gains:
//
//   - The entry of the next symbol, and that of a distance in case this symbol is a match, are
//     loaded before the branch on what this symbol is. When the branch was predicted wrong, the
//     loads are done while the right path is fetched.
//   - The table is looked up before a refill, which then does not delay the lookup.
//   - Up to 16 bytes of a match are copied without a loop, whatever the distance.
//
// Registers:
//
//	DI      d
//	SI      position in the stage; R12 where to stop. SI < R12 leaves 16 bytes of the stage.
//	CX      count: bits in next. Only its low 6 bits are valid.
//	R8 R9   next: bits of the stream. R8 before the first entry of a turn, R9 after it.
//	R10 R11 out: where the next byte goes in the buffer. R10 before the first entry, R11 after it.
//	AX BX   entry: AX of R8, BX of R9.
//	R13     entry of the distance
//	R15     length
//	DX      distance; scratch
//	R14     scratch
//
// A refill leaves 64 bits of the stream in next, of which 56 or more count. A turn drops at most
// two entries, of 11 and 16 bits, and a distance of 22; the 11 bits of the lookup behind them
// are there too.
//
// Bytes from out on are nobody's: the loop writes two bytes for each entry, whatever it is, and
// 16 at a time in matches. out is below spanEnd at the start of a turn, and a turn adds at most
// 4 literals and 258 bytes, so that no write ends behind the buffer (see spanEnd, overshoot).

#define LIT    (Decoder_codes+code_lit)
#define DIST   (Decoder_codes+code_dist)
#define STAGE  (Decoder_input+input_stage)
#define BUFFER (Decoder_buffer)

// LOOKUP loads the entry of the bits in next.
#define LOOKUP(next, entry) \
	MOVL next, entry              \
	ANDL $const_litMask, entry    \
	MOVL LIT(DI)(entry*4), entry

// REFILL loads whole bytes into R8.
#define REFILL \
	MOVQ  STAGE(DI)(SI*1), DX \
	SHLXQ CX, DX, DX          \
	ORQ   DX, R8              \
	MOVL  CX, DX              \
	NOTL  DX                  \
	SHRL  $3, DX              \
	ANDL  $7, DX              \
	ADDQ  DX, SI              \
	ORL   $56, CX

// TAKE drops the bits of entry and writes its literals: next, out to next2, out2. It loads
// entry2, the entry that follows, and R13, the distance that follows if entry has a length.
#define TAKE(next, out, entry, next2, out2, entry2) \
	SHRXQ entry, next, next2      \
	SUBL  entry, CX               \
	MOVL  entry, DX               \
	MOVL  next2, entry2           \
	MOVL  next2, R13              \
	ANDL  $const_litMask, entry2  \
	ANDL  $const_distMask, R13    \
	MOVL  LIT(DI)(entry2*4), entry2 \
	MOVL  DIST(DI)(R13*4), R13    \
	SHRL  $const_byteShift, DX    \
	MOVW  DX, BUFFER(DI)(out*1)   \
	MOVL  entry, DX               \
	SHRL  $const_countShift, DX   \
	ANDL  $3, DX                  \
	LEAQ  (out)(DX*1), out2

// EXTRA returns in DX the extra bits of entry: of next, all that entry drops, behind the
// Huffman code.
#define EXTRA(next, entry) \
	BZHIQ entry, next, DX           \
	MOVL  entry, R14                \
	SHRL  $const_codeLenShift, R14  \
	SHRXQ R14, DX, DX

// RUN compares entry, a length, with the entry behind its distance, which R13 is the entry of.
#define RUN(next, entry) \
	SHRXQ R13, next, R14 \
	LOOKUP(R14, R14)     \
	CMPL  R14, entry

// func decodeSymbols(d *Decoder, r *registers) int
TEXT ·decodeSymbols(SB), NOSPLIT, $0-24
	MOVQ d+0(FP), DI
	MOVQ r+8(FP), DX
	MOVQ registers_next(DX), R8
	MOVQ registers_count(DX), CX
	MOVQ registers_out(DX), R10
	MOVQ registers_pos(DX), SI
	MOVQ registers_stop(DX), R12

	// Few bits may be loaded yet, so the first lookup comes after a refill.
	CMPQ SI, R12
	JGE  done
	CMPQ R10, $const_spanEnd
	JAE  done
	REFILL
	LOOKUP(R8, AX)
	JMP  full

turn:
	CMPQ  SI, R12
	JGE   done
	CMPQ  R10, $const_spanEnd
	JAE   done
	REFILL

full:
	TAKE(R8, R10, AX, R9, R11, BX)
	CMPL  AX, $const_special
	JAE   first
	TAKE(R9, R11, BX, R8, R10, AX)
	CMPL  BX, $const_special
	JB    turn

	// The second entry is no literal.
	TESTL $const_special, BX
	JNZ   secondSpecial
	MOVL  BX, R15
	SHRL  $const_lengthShift, R15
	ANDL  $const_lengthMask, R15

second:
	// R8 and R10 are behind the length.
	TESTL $const_special, R13
	JNZ   rareDistance
	EXTRA(R8, R13)
	SHRXQ R13, R8, R8
	SUBL  R13, CX
	SHRL  $const_baseShift, R13
	ADDQ  R13, DX
	LOOKUP(R8, AX)
	MOVQ  R10, R11
	CMPQ  DX, Decoder_near(DI)
	JBE   copy
	JMP   far

first:
	TESTL $const_special, AX
	JNZ   firstSpecial
	MOVL  AX, R15
	SHRL  $const_lengthShift, R15
	ANDL  $const_lengthMask, R15

firstLength:
	// R9 and R11 are behind the length.
	TESTL $const_special, R13
	JNZ   rareDistanceFirst
	EXTRA(R9, R13)
	SHRXQ R13, R9, R8
	SUBL  R13, CX
	SHRL  $const_baseShift, R13
	ADDQ  R13, DX
	LOOKUP(R8, AX)
	CMPQ  DX, Decoder_near(DI)
	JA    far

copy:
	// R15 bytes to R11, from DX bytes before it.
	LEAQ    BUFFER(DI)(R11*1), R13
	LEAQ    (R11)(R15*1), R10
	MOVQ    R13, R14
	SUBQ    DX, R14
	CMPQ    DX, $32
	JB      close
	VMOVDQU (R14), Y0
	VMOVDQU Y0, (R13)
	VMOVDQU 32(R14), Y0
	VMOVDQU Y0, 32(R13)
	CMPQ    R15, $64
	JBE     turn
	CMPQ DX, R15
	JB   overlap
	ADDQ R13, R15 // the end

longNext:
	VMOVDQU 64(R14), Y0
	VMOVDQU 96(R14), Y1
	VMOVDQU Y0, 64(R13)
	VMOVDQU Y1, 96(R13)
	ADDQ    $64, R14
	ADDQ    $64, R13
	LEAQ    64(R13), BX
	CMPQ    BX, R15
	JB      longNext
	JMP     turn

close:
	// The first 16 bytes, or the pattern of DX bytes again and again.
	VBROADCASTI128 (R14), Y0
	CMPQ    R15, $16
	JA      long
	SHLQ    $5, DX
	LEAQ    ·patterns(SB), R14
	VPSHUFB (R14)(DX*1), Y0, Y0
	VMOVDQU Y0, (R13)
	JMP     turn

long:
	CMPQ    DX, $16
	JB      longPattern
	CMPQ    R15, $64
	JA      overlap
	ADDQ    R13, R15
	VMOVDQU X0, (R13)

longClose:
	VMOVDQU 16(R14), X0
	VMOVDQU X0, 16(R13)
	ADDQ    $16, R14
	ADDQ    $16, R13
	LEAQ    16(R13), BX
	CMPQ    BX, R15
	JB      longClose
	JMP     turn

longPattern:
	// Whole patterns, as many as fit in 32 bytes.
	ADDQ    R13, R15
	LEAQ    ·strides(SB), R14
	MOVBLZX (R14)(DX*1), BX
	SHLQ    $5, DX
	LEAQ    ·patterns(SB), R14
	VPSHUFB (R14)(DX*1), Y0, Y0

patternNext:
	VMOVDQU Y0, (R13)
	ADDQ    BX, R13
	VMOVDQU Y0, (R13)
	ADDQ    BX, R13
	CMPQ    R13, R15
	JB      patternNext
	JMP     turn

far:
	// Legal if the distance is within all data, and within the window of the header.
	CMPQ DX, R11
	JA   tooFar
	CMPQ DX, Decoder_window(DI)
	JBE  copy

tooFar:
	MOVQ R11, R10
	MOVQ $const_loopFar, AX
	JMP  return

firstSpecial:
	// A length with extra bits, or longer than an entry holds: its entry has no literals, so
	// that R11 is R10. One of 258 before the same
	// length may belong to a run. After some of those rare looks.
	TESTL AX, AX
	JNS   rareFirst
	EXTRA(R8, AX)
	MOVL  AX, R15
	SHLL  $3, R15
	SHRL  $17, R15
	ADDQ  DX, R15
	CMPQ  R15, $const_maxMatch
	JNE   firstLength
	RUN(R9, AX)
	JNE   firstLength
	MOVQ  r+8(FP), R14
	DECQ  registers_repeats(R14)
	JNZ   firstLength

rareFirst:
	ADDL AX, CX
	XORL R15, R15
	MOVQ $const_loopRare, AX
	JMP  return

secondSpecial:
	TESTL BX, BX
	JNS   rareSecond
	EXTRA(R9, BX)
	MOVL  BX, R15
	SHLL  $3, R15
	SHRL  $17, R15
	ADDQ  DX, R15
	CMPQ  R15, $const_maxMatch
	JNE   second
	RUN(R8, BX)
	JNE   second
	MOVQ  r+8(FP), R14
	DECQ  registers_repeats(R14)
	JNZ   second

rareSecond:
	ADDL BX, CX
	MOVQ R9, R8
	MOVQ R11, R10
	XORL R15, R15
	MOVQ $const_loopRare, AX
	JMP  return

rareDistanceFirst:
	MOVQ R9, R8
	MOVQ R11, R10

rareDistance:
	MOVQ $const_loopRare, AX
	JMP  return

overlap:
	MOVQ R11, R10
	MOVQ $const_loopOverlap, AX
	JMP  return

done:
	XORL AX, AX

return:
	VZEROUPPER
	MOVQ r+8(FP), BX
	MOVQ R8, registers_next(BX)
	MOVQ CX, registers_count(BX)
	MOVQ R10, registers_out(BX)
	MOVQ SI, registers_pos(BX)
	MOVQ R15, registers_length(BX)
	MOVQ DX, registers_dist(BX)
	MOVQ AX, ret+16(FP)
	RET
