package validate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/imgvet/imgvet/detect"
)

const (
	// MaxBytes is the default of Options.MaxBytes. It is exclusive, since the API's rule says
	// "less than 10mb": 10,485,759 bytes pass and 10,485,760 do not.
	MaxBytes = 10 << 20

	// DefaultMaxPixels is the default of Options.MaxPixels: width*height, inclusive. Today's
	// phones write 16320x12240, 200 megapixels, in under 10 MB. A verdict decodes no pixels, so
	// its cost does not grow with their number. [Picture.Image] states what a hook's pixels
	// cost.
	DefaultMaxPixels = 220_000_000
)

// Options says what to accept. The zero value is the documented rules without a
// face check. Options may be shared between goroutines as long as nobody changes
// them.
//
// MaxWork bounds the processor time of a verification where MaxBytes alone allows too much. A
// unit is what a coded byte of the cheapest kind costs, one to three nanoseconds. A coded byte counts
// for 1 unit in a BMP, 3 in a PNG (and 1 for each 16 bytes that it inflates to), 4 in a JPEG, 10
// in a progressive and 80 in an arithmetic-coded one, 25 in a HEIC, 6 in a lossless and 35 in a
// lossy WebP. A picture that costs more is refused with TooMuchWork. So 40,000,000 takes every
// PNG and baseline JPEG under 10 MiB, but only half a MiB of arithmetic coding. Files built for
// it cost up to 30 times as much for each unit: docs/speed.md says what.
type Options struct {
	MaxBytes  int64           // exclusive; 0 means MaxBytes, 10 MiB
	MaxPixels int64           // inclusive; 0 means DefaultMaxPixels, 220 million
	MaxWork   int64           // inclusive, in units of work (see below); 0 means no ceiling but those of the formats
	Formats   []detect.Format // nil means all five
	Tolerance Tolerance       // Normal; Strict refuses what Normal warns of in the file, but never refuses for advice about faces
	Rules     Rules           // sides, aspect ratio and frames; the zero value bounds none of them
	Checks    []Check         // your own rules, run in order after verification
	Faces     FaceFinder      // nil means no face check
	Limiter   *Limiter        // what calls that share it take at once; nil bounds nothing

	// Parallel is how many processors a verification may use: the tiles of a HEIC are verified
	// at a time, where other verifications of the program leave processors unused. 0 means as
	// many as there are (GOMAXPROCS), 1 never more than one. The verdict is the same.
	Parallel int
}

// Check is a rule of your own, run on a verified picture. An [*Error] is a refusal; any other
// error is operational. It must not keep p after it returns.
type Check func(ctx context.Context, p *Picture) error

// Problems returns everything that is wrong with o in one error (see
// [errors.Join]), or nil.
func (o Options) Problems() error {
	var errs []error
	switch {
	case o.MaxBytes < 0:
		errs = append(errs, fmt.Errorf("validate: Options.MaxBytes is %d; it must not be negative", o.MaxBytes))
	case o.MaxBytes > math.MaxInt32:
		// A file is held in memory whole, on 32-bit machines too.
		errs = append(errs, fmt.Errorf("validate: Options.MaxBytes is %d; at most %d can be held", o.MaxBytes, math.MaxInt32))
	}
	if o.MaxPixels < 0 {
		errs = append(errs, fmt.Errorf("validate: Options.MaxPixels is %d; it must not be negative", o.MaxPixels))
	}
	if o.Parallel < 0 {
		errs = append(errs, fmt.Errorf("validate: Options.Parallel is %d; it must not be negative", o.Parallel))
	}
	if o.MaxWork < 0 {
		errs = append(errs, fmt.Errorf("validate: Options.MaxWork is %d; it must not be negative", o.MaxWork))
	}
	if !o.Tolerance.valid() {
		errs = append(errs, fmt.Errorf("validate: Options.Tolerance is %d; it is Normal, Strict or Lenient", int(o.Tolerance)))
	}
	errs = append(errs, o.Rules.problems()...)
	if o.Formats != nil && len(o.Formats) == 0 {
		errs = append(errs, errors.New("validate: Options.Formats is empty; nil means all formats"))
	}
	for i, f := range o.Formats {
		if f.MIME() == "" {
			errs = append(errs, fmt.Errorf("validate: Options.Formats[%d] is %q; it is not one of the five formats", i, f))
		}
	}
	for i, check := range o.Checks {
		if check == nil {
			errs = append(errs, fmt.Errorf("validate: Options.Checks[%d] is nil", i))
		}
	}
	if f, ok := o.Faces.(FaceFinderFunc); ok && f == nil {
		errs = append(errs, errors.New("validate: Options.Faces is a nil FaceFinderFunc; nil itself means no face check"))
	}
	if o.Limiter != nil && o.Limiter.slots == nil {
		errs = append(errs, errors.New("validate: Options.Limiter was not made by NewLimiter"))
	}
	return errors.Join(errs...)
}

// maxBytes returns o.MaxBytes or its default.
func (o Options) maxBytes() int64 {
	if o.MaxBytes == 0 {
		return MaxBytes
	}
	return o.MaxBytes
}

// maxPixels returns o.MaxPixels or its default.
func (o Options) maxPixels() int64 {
	if o.MaxPixels == 0 {
		return DefaultMaxPixels
	}
	return o.MaxPixels
}

// parallel returns o.Parallel or its default.
func (o Options) parallel() int {
	if o.Parallel == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return o.Parallel
}

// maxWork returns o.MaxWork, or a number that no file reaches.
func (o Options) maxWork() int64 {
	if o.MaxWork == 0 {
		return math.MaxInt64
	}
	return o.MaxWork
}

// allows reports whether pictures of format f are taken.
func (o Options) allows(f detect.Format) bool {
	return o.Formats == nil || slices.Contains(o.Formats, f)
}
