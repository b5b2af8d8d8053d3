package middleware

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/imgvet/imgvet/validate"
)

// Options are what New is given. The zero value is the documented rules without a token check, and
// limits that are safe for a server of 1 GiB. Zero never means "no limit".
type Options struct {
	// Validate is what a file must satisfy.
	Validate validate.Options

	// Fields are the multipart fields to check; files in others pass untouched.
	// A part of such a name is checked even if it is not marked as a file, since
	// the next handler may take it for one. nil means every file part.
	Fields []string

	// JSONField is the member of an application/json body that holds the file in
	// base64 or as a base64 data URL. "" means that JSON bodies hold no file.
	JSONField string

	// DecodeContent takes bodies with Content-Encoding: gzip, which otherwise are
	// answered 415 as all codings are. Limits count for the bytes that were sent
	// and for what they decode to. The next handler gets the decoded body, which
	// is what was verified, and no Content-Encoding.
	DecodeContent bool

	// Authorize decides on the token; nil means no token check. It returns
	// validate.ErrUnregisteredToken or ErrFailAuthorization to refuse. An error
	// that wraps ErrUnavailable is answered 503, any other 500. It is called at
	// most once a request, with "" for a missing token; r has no body.
	Authorize func(r *http.Request, token string) error

	// MaxRequestBytes is the limit of the whole body, inclusive, as it was sent and
	// as it is decoded. 0 means the
	// larger of 32 MiB and twice Validate.MaxBytes.
	MaxRequestBytes int64

	// MemoryThreshold is how much of one body stays in memory; the rest goes to
	// a temporary file. 0 means 1 MiB.
	MemoryThreshold int64

	// MaxMemory is what all bodies and files under verification may hold in
	// memory together. Bodies past it go to temporary files earlier. 0 means 128
	// MiB plus MaxVerifications files of Validate.MaxBytes.
	MaxMemory int64

	// MaxTempBytes is what all temporary files may hold together; past it
	// requests are answered 503. 0 means 2 GiB.
	MaxTempBytes int64

	// TempDir is where temporary files live. "" means os.TempDir(). Where that
	// is in memory (tmpfs), name a directory on a disk.
	TempDir string

	// MaxVerifications is how many requests are verified at a time. 0 means
	// runtime.GOMAXPROCS(0) when New is called.
	MaxVerifications int

	// MaxWait is how long a complete request waits for its verification before
	// it is answered 503. 0 means 10 s.
	MaxWait time.Duration

	// IdleTimeout is how long a client may send nothing. 0 means 20 s.
	IdleTimeout time.Duration

	// MinRate is the slowest average upload in bytes per second, after the first
	// ten seconds. 0 means 1024.
	MinRate int64

	// MaxDrainBytes and MaxDrainTime bound how much of a refused upload is read
	// after the answer, for clients that read no answer before they have written
	// everything. 0 means 64 MiB and 2 s.
	MaxDrainBytes int64
	MaxDrainTime  time.Duration

	// RetryAfter is what a 503 advises, rounded up to seconds. 0 means 2 s.
	RetryAfter time.Duration

	// Status maps a documented code to an HTTP status of 400 to 599. nil means
	// StatusOf.
	Status func(validate.Code) int

	// ProblemJSON answers clients whose Accept names application/problem+json
	// with RFC 9457 problem details instead of the canonical body.
	ProblemJSON bool

	// WriteRefusal writes the answer; nil means Refusal.Write. Retry-After,
	// Cache-Control, nosniff and Connection are set before it is called.
	WriteRefusal func(w http.ResponseWriter, r *http.Request, f *Refusal)

	// Observe is called exactly once for each file of a request that is to be
	// checked, and once for a request that ended before its first file. It is
	// called before the next handler or the answer, and must not block.
	Observe func(r *http.Request, o Observation)

	// Logger gets a line for each request: refusals at Info, what passed at
	// Debug, our own failures at Error. nil means slog.Default().
	Logger *slog.Logger
}

// Limits that are not options: no real form comes near them.
const (
	maxParts           = 32
	maxPartHeaderBytes = 16 << 10
	maxFieldName       = 256
	maxFileName        = 1024     // 255 characters, the most a file system takes, in UTF-8
	maxTextBytes       = 64 << 10 // of one text field
	maxBoundary        = 70       // RFC 2046, 5.1.1
	rateGrace          = 10 * time.Second
)

// Problems returns everything that is wrong with o in one error (see
// [errors.Join]), or nil. o.Validate's problems are among them.
func (o Options) Problems() error {
	errs := []error{o.Validate.Problems()}
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("middleware: Options."+format, args...))
	}
	if o.Fields != nil && len(o.Fields) == 0 {
		bad("Fields is empty; nil means every file part")
	}
	for i, name := range o.Fields {
		switch {
		case name == "" || len(name) > maxFieldName:
			bad("Fields[%d] has %d bytes; 1 to %d are possible", i, len(name), maxFieldName)
		case name == tokenField:
			bad("Fields[%d] is %q, the field of the token", i, name)
		case slices.Contains(o.Fields[:i], name):
			bad("Fields[%d] is %q again", i, name)
		}
	}
	if o.JSONField == tokenField || len(o.JSONField) > maxFieldName {
		bad("JSONField is %q; it must not be the token's, nor longer than %d bytes", o.JSONField, maxFieldName)
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"MaxRequestBytes", o.MaxRequestBytes},
		{"MemoryThreshold", o.MemoryThreshold},
		{"MaxMemory", o.MaxMemory},
		{"MaxTempBytes", o.MaxTempBytes},
		{"MaxVerifications", int64(o.MaxVerifications)},
		{"MaxWait", int64(o.MaxWait)},
		{"IdleTimeout", int64(o.IdleTimeout)},
		{"MinRate", o.MinRate},
		{"MaxDrainBytes", o.MaxDrainBytes},
		{"MaxDrainTime", int64(o.MaxDrainTime)},
		{"RetryAfter", int64(o.RetryAfter)},
	} {
		if n.value < 0 {
			bad("%s is %d; it must not be negative", n.name, n.value)
		}
	}
	d := o.withDefaults()
	if o.MaxRequestBytes > 0 && d.MaxRequestBytes < d.Validate.MaxBytes {
		bad("MaxRequestBytes is %d, less than one file of Validate.MaxBytes, %d", d.MaxRequestBytes, d.Validate.MaxBytes)
	}
	if o.MaxMemory > 0 && o.MaxVerifications >= 0 && d.MaxMemory < d.verificationBytes()+d.MemoryThreshold {
		bad("MaxMemory is %d; %d verifications and one body need %d",
			d.MaxMemory, d.MaxVerifications, d.verificationBytes()+d.MemoryThreshold)
	}
	if o.TempDir != "" {
		if info, err := os.Stat(o.TempDir); err != nil {
			bad("TempDir: %w", err)
		} else if !info.IsDir() {
			bad("TempDir is %q, not a directory", o.TempDir)
		}
	}
	if o.Status != nil {
		for _, c := range documentedCodes() {
			if s := o.Status(c); s < 400 || s > 599 {
				bad("Status(%d) is %d; a refusal has a status of 400 to 599", c, s)
			}
		}
	}
	return errors.Join(errs...)
}

// withDefaults returns o with every zero replaced by what it stands for.
func (o Options) withDefaults() Options {
	setDefault(&o.Validate.MaxBytes, validate.MaxBytes)
	setDefault(&o.MaxRequestBytes, max(32<<20, 2*o.Validate.MaxBytes))
	setDefault(&o.MemoryThreshold, 1<<20)
	setDefault(&o.MaxVerifications, runtime.GOMAXPROCS(0))
	setDefault(&o.MaxMemory, 128<<20+o.verificationBytes())
	setDefault(&o.MaxTempBytes, 2<<30)
	setDefault(&o.MaxWait, 10*time.Second)
	setDefault(&o.IdleTimeout, 20*time.Second)
	setDefault(&o.MinRate, 1024)
	setDefault(&o.MaxDrainBytes, 64<<20)
	setDefault(&o.MaxDrainTime, 2*time.Second)
	setDefault(&o.RetryAfter, 2*time.Second)
	if o.Status == nil {
		o.Status = StatusOf
	}
	if o.WriteRefusal == nil {
		o.WriteRefusal = writeRefusal
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// verificationBytes is the memory that MaxVerifications files need.
func (o Options) verificationBytes() int64 {
	return int64(o.MaxVerifications) * o.Validate.MaxBytes
}
