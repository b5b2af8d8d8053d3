package fuzz_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

// goodFile returns a file of Cases by its name.
func goodFile(name string) []byte {
	for c := range fuzz.Cases() {
		if c.Name == name {
			return c.Data
		}
	}
	return nil
}

// verdict is the reason why b is refused, or what was forgiven.
func verdict(b []byte) string {
	res, err := validate.Bytes(context.Background(), b, validate.Options{})
	var refusal *validate.Error
	switch {
	case errors.As(err, &refusal):
		return "refused: " + string(refusal.Reason)
	case err != nil:
		return err.Error()
	case len(res.Warnings) > 0:
		return "passed with a warning: " + string(res.Warnings[0].Reason)
	default:
		return "passed"
	}
}

func ExampleAllOps() {
	photo := goodFile("png/kind_rgb_8")
	for _, op := range fuzz.AllOps()[:3] {
		fmt.Printf("%s (%s): %s\n", op.Name, op.For, verdict(fuzz.Corrupt(1, photo, op.Op)))
	}
	// Output:
	// truncate (an upload that broke off): refused: truncated
	// cut-last-byte (an upload that lost its last byte): refused: truncated
	// flip-bits (a bad disk or line): refused: truncated
}

func ExampleTruncate() {
	// An upload that broke off.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.Truncate)))
	// Output: refused: truncated
}

func ExampleFlipBits() {
	// A bad disk or line.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.FlipBits)))
	// Output: refused: truncated
}

func ExampleZeroTail() {
	// A file whose space was reserved and never filled.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.ZeroTail)))
	// Output: refused: malformed
}

func ExampleBadCRC() {
	// A checksum that is wrong.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.BadCRC)))
	// Output: refused: malformed
}

func ExampleLieDimensions() {
	// A header that claims another size; its checksum is right again.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.LieDimensions)))
	// Output: refused: malformed
}

func ExampleDropChunk() {
	// A part that is missing.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.DropChunk)))
	// Output: refused: malformed
}

func ExampleRepeatChunk() {
	// A part that is there twice.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(4, photo, fuzz.RepeatChunk)))
	// Output: refused: malformed
}

func ExampleSwapChunks() {
	// Two neighbours in the wrong order.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.SwapChunks)))
	// Output: refused: malformed
}

func ExampleLieLength() {
	// A length field that is wrong.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.LieLength)))
	// Output: refused: malformed
}

func ExampleDamageData() {
	// Damage inside the coded picture; the chunk's checksum is right again.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.DamageData)))
	// Output: refused: malformed
}

func ExampleInsertBytes() {
	// Bytes that somebody put in.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.InsertBytes)))
	// Output: refused: malformed
}

func ExampleNewlines() {
	// A transfer in text mode.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.Newlines)))
	// Output: refused: unknown_format
}

func ExampleSwapMagic() {
	// A file that claims to be of another format.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.SwapMagic)))
	// Output: refused: unknown_format
}

func ExampleAppend() {
	// A payload behind the picture, which viewers forgive.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.Append)))
	// Output: passed with a warning: trailing_data
}

func ExampleAppendBytes() {
	// The payload of your choice.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.AppendBytes([]byte("<script>")))))
	// Output: passed with a warning: trailing_data
}

func ExampleCutLast() {
	// An upload that lost its last byte.
	photo := goodFile("webp/kind_lossy")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.CutLast(1))))
	// Output: refused: truncated
}

func ExampleFlipSomeBits() {
	// As many bits as you like.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.FlipSomeBits(1))))
	// Output: refused: malformed
}

func ExampleZeroBlock() {
	// A sector that was never written.
	photo := goodFile("png/kind_rgb_8")
	fmt.Println(verdict(fuzz.Corrupt(1, photo, fuzz.ZeroBlock(64))))
	// Output: refused: malformed
}
