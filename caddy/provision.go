package imgvetcaddy

import (
	"net/http"
	"strconv"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/internal/peer"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// Provision builds the check. Its error joins everything that is wrong with h.
func (h *Handler) Provision(ctx caddy.Context) error {
	opts := h.options()
	if err := opts.Problems(); err != nil {
		return err
	}
	if h.Face {
		finder, err := face.New(face.Options{})
		if err != nil {
			return err
		}
		opts.Validate.Faces = finder
	}
	metrics, err := metricsOf(ctx.GetMetricsRegistry())
	if err != nil {
		return err
	}
	opts.Logger = ctx.Slogger()
	opts.Client = client
	opts.Observe = func(r *http.Request, o middleware.Observation) {
		metrics.Observe(r, o)
		tell(r, o)
	}

	share := limitsOf(opts)
	all, err := share.take()
	if err != nil {
		return err
	}
	h.share = &share
	metrics.watch(all)
	h.vet, err = all.With(func(o *middleware.Options) {
		share.keep(o, &opts)
		*o = opts
	})
	return err
}

// Cleanup gives the budgets back.
func (h *Handler) Cleanup() error {
	if h.share == nil {
		return nil
	}
	share := h.share
	h.share = nil
	return share.release()
}

// options returns what h says, without the hooks.
func (h *Handler) options() middleware.Options {
	return middleware.Options{
		Validate: validate.Options{
			MaxBytes: h.MaxSize, MaxPixels: h.MaxPixels, MaxWork: h.MaxWork, Formats: h.Formats, Tolerance: h.Tolerance,
			Rules: validate.Rules{
				MinWidth: h.MinWidth, MinHeight: h.MinHeight, MaxWidth: h.MaxWidth, MaxHeight: h.MaxHeight,
				MinAspect: h.MinAspect, MaxAspect: h.MaxAspect, MaxFrames: h.MaxFrames,
			},
		},
		Fields: h.Fields, OtherFiles: h.OtherFiles, Optional: h.Optional, RefuseTypeMismatch: h.RefuseTypeMismatch,
		JSONField: h.JSONField, DecodeContent: h.DecodeContent, ProblemJSON: h.ProblemJSON, Rewrite: !h.NoRewrite,
		MaxRequestBytes: h.MaxRequestSize, MaxMemory: h.MaxMemory, MaxTempBytes: h.MaxTempSize, MaxClientBytes: h.MaxClientSize,
		TempDir: h.TempDir, MaxVerifications: h.MaxVerifications, MaxWait: time.Duration(h.MaxWait),
		IdleTimeout: time.Duration(h.IdleTimeout), MinRate: h.MinRate, ReceiveTimeout: time.Duration(h.ReceiveTimeout),
	}
}

// client names the client as the default of middleware.Options.Client does, but by Caddy's
// client IP, which counts trusted proxies.
func client(r *http.Request) string {
	ip, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	return peer.Name(ip)
}

// tell sets the placeholders.
func tell(r *http.Request, o middleware.Observation) {
	repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok || o.Outcome == middleware.Unjudged {
		return
	}
	before, _ := repl.GetString("http.imgvet.outcome")
	if o.Outcome == middleware.Passed && before != "" && before != string(middleware.Passed) {
		return // another file was refused, and the request with it
	}
	repl.DeleteByPrefix("http.imgvet.") // what an earlier file of the request set
	set := func(name, value string) { repl.Set("http.imgvet."+name, value) }
	set("outcome", string(o.Outcome))
	set("format", string(o.Result.Format))
	if o.Result.Width > 0 {
		set("width", strconv.Itoa(o.Result.Width))
		set("height", strconv.Itoa(o.Result.Height))
	}
	if f := o.Refusal; f != nil {
		set("code", strconv.Itoa(f.Code()))
		set("reason", f.Reason())
	}
}
