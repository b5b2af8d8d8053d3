package imgvetcaddy

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// Caddy finds modules that were registered when the program starts, and no other way.
func init() { caddy.RegisterModule(Handler{}) }

// Handler checks uploads, and answers a refused one itself. The zero value is the documented
// rules: every limit that is 0 has the default of middleware.Options.
type Handler struct {
	Tolerance validate.Tolerance `json:"tolerance,omitzero"`   // "strict", "normal" (the default) or "lenient"
	Formats   []detect.Format    `json:"formats,omitempty"`    // of png, jpeg, heic, bmp and webp; all five by default
	MaxSize   int64              `json:"max_size,omitempty"`   // of a file in bytes, exclusive; 10 MiB by default
	MaxPixels int64              `json:"max_pixels,omitempty"` // inclusive
	MaxWork   int64              `json:"max_work,omitempty"`   // of a verification, in the units of validate.Options

	// The sides of a picture in pixels as it is shown, their ratio (width divided by height), and
	// the frames of an animation. All are inclusive; 0 is no rule.
	MinWidth  int     `json:"min_width,omitempty"`
	MinHeight int     `json:"min_height,omitempty"`
	MaxWidth  int     `json:"max_width,omitempty"`
	MaxHeight int     `json:"max_height,omitempty"`
	MinAspect float64 `json:"min_aspect,omitempty"`
	MaxAspect float64 `json:"max_aspect,omitempty"`
	MaxFrames int     `json:"max_frames,omitempty"`
	Face      bool    `json:"face,omitempty"` // refuse pictures without a face, with code 4

	Fields             []string `json:"fields,omitempty"`      // multipart fields that may hold files; all by default
	OtherFiles         bool     `json:"other_files,omitempty"` // files in other fields pass unverified
	Optional           bool     `json:"optional,omitempty"`    // requests without a file pass
	RefuseTypeMismatch bool     `json:"refuse_type_mismatch,omitempty"`
	JSONField          string   `json:"json_field,omitempty"`     // the member with a base64 picture
	DecodeContent      bool     `json:"decode_content,omitempty"` // take Content-Encoding: gzip
	ProblemJSON        bool     `json:"problem_json,omitempty"`
	NoRewrite          bool     `json:"no_rewrite,omitempty"` // hand forms on as they came, not in one plain spelling

	MaxRequestSize   int64          `json:"max_request_size,omitempty"` // of a body in bytes
	MaxMemory        int64          `json:"max_memory,omitempty"`       // of all bodies, in bytes
	MaxTempSize      int64          `json:"max_temp_size,omitempty"`    // of all temporary files, in bytes
	MaxClientSize    int64          `json:"max_client_size,omitempty"`  // of all bodies of a client, in bytes
	TempDir          string         `json:"temp_dir,omitempty"`
	MaxVerifications int            `json:"max_verifications,omitempty"` // at a time
	MaxWait          caddy.Duration `json:"max_wait,omitempty"`          // of a request for its verification
	IdleTimeout      caddy.Duration `json:"idle_timeout,omitempty"`      // how long a client may send nothing
	MinRate          int64          `json:"min_rate,omitempty"`          // of an upload, in bytes a second
	ReceiveTimeout   caddy.Duration `json:"receive_timeout,omitempty"`   // of a whole upload

	vet   *middleware.Middleware
	share *limits // what Cleanup gives back; nil if nothing
}

var (
	_ caddy.Provisioner           = (*Handler)(nil)
	_ caddy.CleanerUpper          = (*Handler)(nil)
	_ caddyhttp.MiddlewareHandler = (*Handler)(nil)
)

// CaddyModule implements caddy.Module.
func (Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.imgvet", New: func() caddy.Module { return new(Handler) }}
}

// ServeHTTP checks r. It calls next if r passes, with the identical files, and returns its error.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	var err error
	h.vet.Wrap(http.HandlerFunc(func(w http.ResponseWriter, checked *http.Request) {
		// {http.request.body} reads the body of the request that came, which was read to its end.
		r.Body, r.ContentLength = checked.Body, checked.ContentLength
		err = next.ServeHTTP(w, checked)
	})).ServeHTTP(w, r)
	return err
}
