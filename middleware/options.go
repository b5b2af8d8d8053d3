package middleware

import (
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/imgvet/imgvet/internal/form"
	"github.com/imgvet/imgvet/validate"
)

// Options configure a Middleware. The zero value is the documented rules without a token check,
// and limits that are safe for a server of 1 GiB. Zero never means "no limit".
//
// They come in five groups: what is checked, who may upload, what an upload may cost, what is
// answered, and who watches.
type Options struct {
	// --- What is checked ---

	// Validate is what a file must satisfy.
	Validate validate.Options

	// Fields are the multipart fields that may hold files. nil means every field. A file in
	// another field is refused (400) unless OtherFiles is set. Text in one of Fields counts as a
	// file if a file is required and that field has none, since the next handler may take it for
	// one.
	Fields []string

	// OtherFiles lets files in fields that Fields does not name pass untouched and unverified,
	// of any type and up to MaxRequestBytes. A field whose name some parser reads as one of
	// Fields ("photo[]" as "photo") is verified all the same.
	OtherFiles bool

	// FieldRules says how many files a field may have. Its keys are names in Fields, or any
	// names if Fields is nil.
	FieldRules map[string]FieldRule

	// Optional lets requests without a file pass: a form in which no photo was chosen, a log-in
	// form, JSON for another route. Nothing in them was verified, and Files returns nil. A body
	// that holds a picture is checked, whatever type it claims to be.
	Optional bool

	// Rewrite gives the next handler a form in a canonical spelling in place of the client's: a
	// fresh boundary, quoted names, file names with disputed characters percent-encoded, the
	// verified type of each picture, and the data unchanged. Use it for handlers whose multipart
	// parser is not Go's. A raw body gets the Content-Type of its content.
	Rewrite bool

	// RefuseTypeMismatch refuses, with code 5, a picture whose declared type or file name
	// belongs to another format or to no picture. Without it the picture passes with a Warning
	// in its Result, reason validate.TypeMismatch. Many clients declare what the name says: a
	// HEIC renamed to .jpg is common.
	RefuseTypeMismatch bool

	// InsecureSkip, if it returns true, lets a request pass unchecked: another route of a
	// wrapped mux, a method that nobody handles. nil means that every request with a body is
	// checked, whatever its method.
	InsecureSkip func(r *http.Request) bool

	// JSONField is the member of an application/json body that holds the file in
	// base64 or as a base64 data URL. "" means that JSON bodies hold no file.
	JSONField string

	// DecodeContent takes bodies with Content-Encoding: gzip. Without it they are answered 415,
	// as all other codings are. Limits apply both to the bytes sent and to the decoded bytes.
	// The next handler gets the decoded body, which is what was verified, and no
	// Content-Encoding.
	DecodeContent bool

	// --- Who may upload ---

	// Authorize decides on the token; nil means no token check. It returns
	// validate.ErrUnregisteredToken or ErrFailAuthorization to refuse. An error that wraps
	// ErrUnavailable is answered 503, any other 500. It is called at most once a request, with
	// "" for a missing token; r has no body.
	//
	// To hand on what it looked up it gives r another context, by *r = *r.WithContext(ctx). The
	// checks, the face finder and the next handler get that context.
	Authorize func(r *http.Request, token string) error

	// --- What an upload may cost ---

	// MaxRequestBytes is the limit of the whole body, inclusive, both as sent and as decoded. 0
	// means the larger of 32 MiB and twice Validate.MaxBytes.
	MaxRequestBytes int64

	// MemoryThreshold is the largest body that may stay in memory. A larger one goes to a
	// temporary file, and so does one for which MaxMemory has no room left. 0 means a quarter of
	// what MaxMemory leaves for bodies, but at least 1 MiB: 32 MiB, unless MaxMemory is set.
	MemoryThreshold int64

	// MaxMemory is how many bytes all bodies and all files under verification together may hold
	// in memory, with the buffers that are kept for the next ones. Bodies that do not fit go to
	// temporary files. What verifications keep while they wait for more of a file counts too. 0
	// means 128 MiB plus MaxVerifications files of Validate.MaxBytes.
	MaxMemory int64

	// MaxTempBytes is how many bytes all temporary files together may hold. Requests that need
	// more are answered 503. 0 means 2 GiB.
	MaxTempBytes int64

	// MaxClientBytes is how many bytes the bodies of one client together may hold, in memory and
	// in temporary files. Its requests that need more are answered 503. 0 means half of
	// MaxTempBytes, but at least MaxRequestBytes.
	MaxClientBytes int64

	// Client names the client whose share of MaxClientBytes a request uses. nil means the
	// address of the connection, for IPv6 its /64. Behind a load balancer, return the address
	// that it passes on.
	Client func(r *http.Request) string

	// TempDir is where temporary files live. "" means os.TempDir(). If that is in memory
	// (tmpfs), name a directory on a disk.
	TempDir string

	// MaxParts is how many parts a form may have. 0 means 32.
	MaxParts int

	// MaxVerifications is how many requests are verified at a time, those not counted that wait
	// for more bytes of their client. The tiles of a HEIC that are verified beside each other
	// count too. 0 means runtime.GOMAXPROCS(0) when New is called.
	MaxVerifications int

	// MaxWait is how long a complete request waits for its verification before
	// it is answered 503. 0 means 10 s.
	MaxWait time.Duration

	// IdleTimeout is how long a client may send nothing. 0 means 20 s.
	IdleTimeout time.Duration

	// MinRate is the slowest upload in bytes per second, after the first ten seconds and over a
	// window of IdleTimeout (at least 10 s and at most 30 s). Bytes that came faster before the
	// window do not count. 0 means 1024.
	MinRate int64

	// ReceiveTimeout is how long a whole upload may take, without the time in which the server
	// verifies what has come and reads nothing. 0 means 10 minutes.
	ReceiveTimeout time.Duration

	// MaxDrainBytes and MaxDrainTime bound how much of a refused upload is read
	// after the answer, for clients that read no answer before they have written
	// everything. 0 means 64 MiB and 2 s.
	MaxDrainBytes int64
	MaxDrainTime  time.Duration

	// --- What is answered ---

	// Status maps a documented code to an HTTP status of 400 to 599. nil means
	// StatusOf.
	Status func(validate.Code) int

	// ProblemJSON answers clients whose Accept names application/problem+json
	// with RFC 9457 problem details instead of the canonical body.
	ProblemJSON bool

	// WriteRefusal writes the answer; nil means Refusal.Write. Retry-After,
	// Cache-Control, nosniff and Connection are set before it is called.
	WriteRefusal func(w http.ResponseWriter, r *http.Request, f *Refusal)

	// RetryAfter is the Retry-After of a 503, rounded up to seconds. 0 means 2 s.
	RetryAfter time.Duration

	// --- Who watches ---

	// Observe is called exactly once for each file of a checked request, and once for a request
	// that was refused before its first file. It is called before the next handler or the
	// answer, and must not block.
	Observe func(r *http.Request, o Observation)

	// Trace is called for each checked request, and its result is told of each step of the check
	// (see Trace). nil means that nobody follows them.
	Trace func(r *http.Request) Trace

	// Logger gets a line for each request: refusals at Info, passed requests at Debug, our own
	// failures at Error. nil means slog.Default().
	Logger *slog.Logger
}

// FieldRule says how many files a field may have. The zero value allows any number.
type FieldRule struct {
	Required bool // a request without a file in this field is refused with code 6
	MaxFiles int  // more are answered 400; 0 means as many as MaxParts allows
}

// Limits that are not options: no real form comes near them.
const (
	maxFieldName = form.MaxName
	maxTextBytes = 64 << 10 // of one text field
)

// withDefaults returns o with every zero replaced by its default.
func (o Options) withDefaults() Options {
	setDefault(&o.Validate.MaxBytes, validate.MaxBytes)
	setDefault(&o.MaxRequestBytes, max(32<<20, 2*o.Validate.MaxBytes))
	setDefault(&o.MaxVerifications, runtime.GOMAXPROCS(0))
	setDefault(&o.MaxMemory, 128<<20+o.verificationBytes())
	setDefault(&o.MemoryThreshold, max(1<<20, (o.MaxMemory-o.verificationBytes())/4))
	setDefault(&o.MaxTempBytes, 2<<30)
	setDefault(&o.MaxClientBytes, max(o.MaxTempBytes/2, o.MaxRequestBytes))
	setDefault(&o.MaxParts, 32)
	setDefault(&o.MaxWait, 10*time.Second)
	setDefault(&o.IdleTimeout, 20*time.Second)
	setDefault(&o.MinRate, 1024)
	setDefault(&o.ReceiveTimeout, 10*time.Minute)
	setDefault(&o.MaxDrainBytes, 64<<20)
	setDefault(&o.MaxDrainTime, 2*time.Second)
	setDefault(&o.RetryAfter, 2*time.Second)
	if o.Client == nil {
		o.Client = clientAddress
	}
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
