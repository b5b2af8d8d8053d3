package middleware

import (
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/imgvet/imgvet/internal/form"
	"github.com/imgvet/imgvet/validate"
)

// Options are what New is given. The zero value is the documented rules without a token check, and
// limits that are safe for a server of 1 GiB. Zero never means "no limit".
//
// They come in five groups: what is checked, who may upload, what an upload may cost, what
// is answered, and who watches.
type Options struct {
	// --- What is checked ---

	// Validate is what a file must satisfy.
	Validate validate.Options

	// Fields are the multipart fields that may hold files. A file in another field is
	// refused (400) unless OtherFiles is set. Text in such a field is a file too where one
	// is due and no other is there, since the next handler may take it for one. nil means
	// every field.
	Fields []string

	// OtherFiles lets files in fields that Fields does not name pass untouched and
	// unverified, of any type and up to MaxRequestBytes. Fields whose names some parser
	// takes for one of Fields ("photo[]" for "photo") are verified all the same.
	OtherFiles bool

	// FieldRules says how many files a field has. Its keys are names of Fields, if that
	// is set, or else any.
	FieldRules map[string]FieldRule

	// Optional lets requests without a file pass: a form in which no photo was chosen, a
	// log-in form, JSON for another route. Nothing of them was verified, and Files is
	// empty. A body that holds a picture is checked, whatever type it claims to be.
	Optional bool

	// Rewrite gives the next handler a form in a canonical spelling in place of the
	// client's: a fresh boundary, names in quotes, file names with what parsers disagree
	// on percent-encoded, the verified type of each picture, and the data as it was. For
	// next handlers whose multipart parser is not Go's. A raw body gets the Content-Type
	// that it has by its content.
	Rewrite bool

	// RefuseTypeMismatch refuses, with code 5, a picture whose declared type or file name
	// is that of another format or of no picture. Without it Result.Warnings says so, with
	// the reason validate.TypeMismatch. Many clients declare what the name says: a HEIC
	// that was renamed to .jpg is common.
	RefuseTypeMismatch bool

	// InsecureSkip, if it reports true, lets a request pass unchecked: another route of a
	// wrapped mux, a method that nobody handles. nil means that every request with a body
	// is checked, whatever its method.
	InsecureSkip func(r *http.Request) bool

	// JSONField is the member of an application/json body that holds the file in
	// base64 or as a base64 data URL. "" means that JSON bodies hold no file.
	JSONField string

	// DecodeContent takes bodies with Content-Encoding: gzip, which otherwise are
	// answered 415 as all codings are. Limits count for the bytes that were sent
	// and for what they decode to. The next handler gets the decoded body, which
	// is what was verified, and no Content-Encoding.
	DecodeContent bool

	// --- Who may upload ---

	// Authorize decides on the token; nil means no token check. It returns
	// validate.ErrUnregisteredToken or ErrFailAuthorization to refuse. An error
	// that wraps ErrUnavailable is answered 503, any other 500. It is called at
	// most once a request, with "" for a missing token; r has no body.
	//
	// To hand on what it looked up it gives r another context, by
	// *r = *r.WithContext(ctx): checks, the face finder and the next handler get that one.
	Authorize func(r *http.Request, token string) error

	// --- What an upload may cost ---

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

	// MaxClientBytes is what the bodies of one client may hold together, in memory and in
	// temporary files; past it its requests are answered 503. 0 means half of
	// MaxTempBytes, but MaxRequestBytes at least.
	MaxClientBytes int64

	// Client returns whose share of MaxClientBytes a request counts for. nil means the
	// address of the connection, of IPv6 its /64: behind a load balancer, name the address
	// that it passes on.
	Client func(r *http.Request) string

	// TempDir is where temporary files live. "" means os.TempDir(). Where that
	// is in memory (tmpfs), name a directory on a disk.
	TempDir string

	// MaxParts is how many parts a form may have. 0 means 32.
	MaxParts int

	// MaxVerifications is how many requests are verified at a time. 0 means
	// runtime.GOMAXPROCS(0) when New is called.
	MaxVerifications int

	// MaxWait is how long a complete request waits for its verification before
	// it is answered 503. 0 means 10 s.
	MaxWait time.Duration

	// IdleTimeout is how long a client may send nothing. 0 means 20 s.
	IdleTimeout time.Duration

	// MinRate is the slowest upload in bytes per second, after the first ten seconds and
	// over a window of IdleTimeout (of 10 s at least and 30 s at most): what came faster
	// before does not count. 0 means 1024.
	MinRate int64

	// ReceiveTimeout is how long a whole upload may take. 0 means 10 minutes.
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

	// RetryAfter is what a 503 advises, rounded up to seconds. 0 means 2 s.
	RetryAfter time.Duration

	// --- Who watches ---

	// Observe is called exactly once for each file of a request that is to be
	// checked, and once for a request that was refused before its first file. It is
	// called before the next handler or the answer, and must not block.
	Observe func(r *http.Request, o Observation)

	// Logger gets a line for each request: refusals at Info, what passed at
	// Debug, our own failures at Error. nil means slog.Default().
	Logger *slog.Logger
}

// FieldRule says how many files a field has. The zero value is any number.
type FieldRule struct {
	Required bool // a request without a file in this field is refused with code 6
	MaxFiles int  // 400 above it; 0 means as many as MaxParts lets through
}

// Limits that are not options: no real form comes near them.
const (
	maxFieldName = form.MaxName
	maxTextBytes = 64 << 10 // of one text field
)

// withDefaults returns o with every zero replaced by what it stands for.
func (o Options) withDefaults() Options {
	setDefault(&o.Validate.MaxBytes, validate.MaxBytes)
	setDefault(&o.MaxRequestBytes, max(32<<20, 2*o.Validate.MaxBytes))
	setDefault(&o.MemoryThreshold, 1<<20)
	setDefault(&o.MaxVerifications, runtime.GOMAXPROCS(0))
	setDefault(&o.MaxMemory, 128<<20+o.verificationBytes())
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
