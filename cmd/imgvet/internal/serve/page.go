package serve

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// pagePolicy lets the page load from this server alone. Its worker compiles
// WebAssembly, and pictures are shown from memory (blob:). Nothing inline runs, so
// that nothing a file or an answer holds could.
const pagePolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
	"img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// shownPixels is how many pixels a picture may have to be shown on the page: what the
// largest phones take.
const shownPixels = 50_000_000

// setPolicy sets the headers of everything the page is made of. The worker's
// script needs them as much as the page: it obeys the policy it came with.
func setPolicy(h http.Header) {
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

// pageData is what the page's template shows.
type pageData struct {
	Base         string // where the assets are, with a slash at the end
	Check        string // where the browser's check is; "" if this build has none
	PipelinePath string
	AnswerPath   string // the same, with explanations
	Limit        string // how large a file must not be, to be read
	ShownPixels  int64  // a larger picture is not shown
	ImageField   string
	Accept       string // for <input type=file>
	MaxBytes     int64
	MaxPixels    int64
	Tolerance    validate.Tolerance
	Rules        pageRules
	Faces        bool // faces are looked for
	AsksToken    bool // not every token is taken
	Codes        []pageCode
}

// pageRules are the rules under the names that the browser's check has for them.
type pageRules struct {
	MinWidth  int     `json:"minWidth,omitempty"`
	MinHeight int     `json:"minHeight,omitempty"`
	MaxWidth  int     `json:"maxWidth,omitempty"`
	MaxHeight int     `json:"maxHeight,omitempty"`
	MinAspect float64 `json:"minAspect,omitempty"`
	MaxAspect float64 `json:"maxAspect,omitempty"`
	MaxFrames int     `json:"maxFrames,omitempty"`
}

// String returns r as the page's script reads it.
func (r pageRules) String() string {
	b, err := json.Marshal(r)
	if err != nil { // of no number that Options.Problems lets through
		return "{}"
	}
	return string(b)
}

// pageCode is a row of the page's table of codes.
type pageCode struct {
	Code    validate.Code
	Message string
	Status  int
	Advice  string
}

// renderPage returns the handler of the page. It does not depend on the request,
// so it is made once.
func renderPage(opts middleware.Options, files *assets) (http.Handler, error) {
	tmpl, err := template.ParseFS(pageFiles, "page/index.html")
	if err != nil {
		return nil, err
	}
	data := pageData{
		Base:         files.base,
		PipelinePath: PipelinePath,
		AnswerPath:   answerPath,
		Limit:        limit(opts.Validate.MaxBytes),
		ShownPixels:  shownPixels,
		ImageField:   ImageField,
		Accept:       accept(opts.Validate.Formats),
		MaxBytes:     opts.Validate.MaxBytes,
		MaxPixels:    opts.Validate.MaxPixels,
		Tolerance:    opts.Validate.Tolerance,
		Rules:        pageRules(opts.Validate.Rules),
		Faces:        opts.Validate.Faces != nil,
		AsksToken:    opts.Authorize != nil,
		Codes:        pageCodes(),
	}
	if _, built := files.files[checkFolder+"index.js"]; built {
		data.Check = files.base + checkFolder + "index.js"
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, data); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b.Bytes())
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		setPolicy(h)
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-cache") // kept, and asked for again: it names the assets
		h.Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
	}), nil
}

// pageCodes returns the documented codes with their advice, as the table on the
// page and the verdict show them.
func pageCodes() []pageCode {
	var codes []pageCode
	for _, c := range []validate.Code{
		validate.CodeUnregisteredToken, validate.CodeFailAuthorization, validate.CodeTooLarge,
		validate.CodeFaceNotFound, validate.CodeCorrupted, validate.CodeEmpty,
	} {
		refusal := validate.Error{Code: c}
		codes = append(codes, pageCode{c, c.Message(), middleware.StatusOf(c), refusal.Advice()})
	}
	return codes
}

// limit returns the limit in binary units, as a person reads it: 0 is the default.
func limit(maxBytes int64) string {
	if maxBytes == 0 {
		maxBytes = validate.MaxBytes
	}
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if maxBytes >= unit.size {
			n := strconv.FormatFloat(float64(maxBytes)/float64(unit.size), 'f', 2, 64)
			return strings.TrimSuffix(strings.TrimRight(n, "0"), ".") + " " + unit.name
		}
	}
	return strconv.FormatInt(maxBytes, 10) + " bytes"
}

// accept returns the attribute of a file input that offers pictures of these
// formats, all five if nil. Types go first: a phone offers its photo library for
// them. Extensions follow for systems that do not know image/heic.
func accept(formats []detect.Format) string {
	if formats == nil {
		formats = []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP}
	}
	var types, extensions []string
	for _, f := range formats {
		types = append(types, f.MIME())
		for _, e := range f.Extensions() {
			extensions = append(extensions, "."+strings.TrimPrefix(e, "."))
		}
	}
	return strings.Join(slices.Concat(types, extensions), ",")
}
