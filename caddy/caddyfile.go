package imgvetcaddy

import (
	"math"
	"strconv"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/dustin/go-humanize"

	"github.com/imgvet/imgvet/internal/flags"
	"github.com/imgvet/imgvet/validate"
)

func init() {
	httpcaddyfile.RegisterHandlerDirective("imgvet", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		handler := new(Handler)
		return handler, handler.UnmarshalCaddyfile(h.Dispenser)
	})
	// Behind log-ins (basic_auth, forward_auth), before whatever answers.
	httpcaddyfile.RegisterDirectiveOrder("imgvet", httpcaddyfile.Before, "invoke")
}

var _ caddyfile.Unmarshaler = (*Handler)(nil)

// UnmarshalCaddyfile reads the directive imgvet: see the package's documentation.
func (h *Handler) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the name of the directive
	if d.NextArg() {
		return d.ArgErr()
	}
	seen := map[string]bool{}
	for d.NextBlock(0) {
		name := d.Val()
		same := name
		if name == "lenient" {
			same = "strict"
		}
		if seen[same] {
			return d.Errf("%s: the same is set above", name)
		}
		seen[same] = true
		read := h.reader(name)
		if read == nil {
			return d.Errf("imgvet has no subdirective %s", name)
		}
		if err := read(d, d.RemainingArgs()); err != nil {
			return err
		}
	}
	return nil
}

// reader returns what reads the arguments of a subdirective, nil if there is none of the name.
func (h *Handler) reader(name string) func(*caddyfile.Dispenser, []string) error {
	switch name {
	case "strict":
		return word(&h.Tolerance, validate.Strict)
	case "lenient":
		return word(&h.Tolerance, validate.Lenient)
	case "formats":
		return h.readFormats
	case "fields":
		return func(d *caddyfile.Dispenser, args []string) error {
			h.Fields = args
			return atLeastOne(d, args)
		}
	case "rewrite":
		return one(&h.NoRewrite, func(s string) (bool, bool) { return s == "off", s == "on" || s == "off" }, "neither on nor off")
	case "json_field":
		return one(&h.JSONField, func(s string) (string, bool) { return s, s != "" }, "no name")
	case "temp_dir":
		return one(&h.TempDir, func(s string) (string, bool) { return s, s != "" }, "no directory")
	}
	if flag := h.flag(name); flag != nil {
		return word(flag, true)
	}
	if p := h.size(name); p != nil {
		return one(p, size, "no size such as 10MiB")
	}
	if p := h.number(name); p != nil {
		return one(p, number[int], "no whole number above 0")
	}
	if p := h.duration(name); p != nil {
		return one(p, duration, "no time such as 10s")
	}
	switch name {
	case "max_pixels":
		return one(&h.MaxPixels, number[int64], "no whole number above 0")
	case "max_work":
		return one(&h.MaxWork, number[int64], "no whole number above 0")
	case "min_aspect":
		return one(&h.MinAspect, aspect, "no ratio such as 16:9 or 1.5")
	case "max_aspect":
		return one(&h.MaxAspect, aspect, "no ratio such as 16:9 or 1.5")
	}
	return nil
}

func (h *Handler) flag(name string) *bool {
	return map[string]*bool{
		"face": &h.Face, "other_files": &h.OtherFiles, "optional": &h.Optional, "refuse_type_mismatch": &h.RefuseTypeMismatch,
		"decode_content": &h.DecodeContent, "problem_json": &h.ProblemJSON,
	}[name]
}

func (h *Handler) size(name string) *int64 {
	return map[string]*int64{
		"max_size": &h.MaxSize, "max_request_size": &h.MaxRequestSize, "max_memory": &h.MaxMemory, "max_temp_size": &h.MaxTempSize,
		"max_client_size": &h.MaxClientSize, "min_rate": &h.MinRate,
	}[name]
}

func (h *Handler) number(name string) *int {
	return map[string]*int{
		"min_width": &h.MinWidth, "min_height": &h.MinHeight, "max_width": &h.MaxWidth, "max_height": &h.MaxHeight,
		"max_frames": &h.MaxFrames, "max_verifications": &h.MaxVerifications,
	}[name]
}

func (h *Handler) duration(name string) *caddy.Duration {
	return map[string]*caddy.Duration{
		"max_wait": &h.MaxWait, "idle_timeout": &h.IdleTimeout, "receive_timeout": &h.ReceiveTimeout,
	}[name]
}

func (h *Handler) readFormats(d *caddyfile.Dispenser, args []string) error {
	for _, name := range args {
		format, err := flags.Format(name)
		if err != nil {
			return d.Errf("formats: %v", err)
		}
		h.Formats = append(h.Formats, format)
	}
	return atLeastOne(d, args)
}

func atLeastOne(d *caddyfile.Dispenser, args []string) error {
	if len(args) == 0 {
		return d.ArgErr()
	}
	return nil
}

// word reads a subdirective without arguments, which sets *p.
func word[T any](p *T, to T) func(*caddyfile.Dispenser, []string) error {
	return func(d *caddyfile.Dispenser, args []string) error {
		if len(args) > 0 {
			return d.ArgErr()
		}
		*p = to
		return nil
	}
}

// one reads a subdirective with one argument into *p. parse says whether the argument is right;
// wrong is what one is that is not.
func one[T any](p *T, parse func(string) (T, bool), wrong string) func(*caddyfile.Dispenser, []string) error {
	return func(d *caddyfile.Dispenser, args []string) error {
		if len(args) != 1 {
			return d.ArgErr()
		}
		v, ok := parse(args[0])
		if !ok {
			return d.Errf("%q is %s", args[0], wrong)
		}
		*p = v
		return nil
	}
}

func size(s string) (int64, bool) {
	n, err := humanize.ParseBytes(s)
	return int64(n), err == nil && n > 0 && n <= math.MaxInt64 //nolint:gosec // looked at beside it
}

func number[T int | int64](s string) (T, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return T(n), err == nil && n > 0 && int64(T(n)) == n // an int may have 32 bits
}

func duration(s string) (caddy.Duration, bool) {
	d, err := caddy.ParseDuration(s)
	return caddy.Duration(d), err == nil && d > 0
}

func aspect(s string) (float64, bool) {
	ratio, err := flags.Ratio(s)
	return ratio, err == nil && ratio > 0 && !math.IsInf(ratio, 0)
}
