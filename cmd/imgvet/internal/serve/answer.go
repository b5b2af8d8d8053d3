package serve

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"

	"github.com/imgvet/imgvet/middleware"
)

// answerPath is where the page sends a file if no check in the browser has explained it: the
// same as the API's path, but a refusal tells the reason, the place and advice too, and a
// browser without scripts gets a page.
const answerPath = "/answer"

// explained is a refusal as answerPath answers it.
type explained struct {
	Error struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Reason string `json:"reason"`
	Offset *int64 `json:"offset"`
	Advice string `json:"advice"`
}

// explain makes refusals below answerPath tell more than the API's.
func explain(opts *middleware.Options, answer *template.Template) {
	others := opts.WriteRefusal
	opts.WriteRefusal = func(w http.ResponseWriter, r *http.Request, f *middleware.Refusal) {
		switch {
		case r.URL.Path == answerPath:
			writeExplained(w, r, f, answer)
		case others != nil:
			others(w, r, f)
		default:
			f.Write(w)
		}
	}
}

func writeExplained(w http.ResponseWriter, r *http.Request, f *middleware.Refusal, answer *template.Template) {
	var e explained
	e.Error.Code, e.Error.Message = f.Code(), f.Message
	e.Reason, e.Advice = f.Reason(), "Send it again in a moment. This says nothing about the photo."
	if f.Verdict != nil {
		e.Advice = f.Verdict.Advice()
		if f.Verdict.Offset >= 0 {
			e.Offset = &f.Verdict.Offset
		}
	}
	if wantsPage(r) {
		writePage(w, f.Status, answer, answerData{
			Title: "Refused: " + f.Message, Advice: e.Advice, Offset: e.Offset, Reason: strings.ReplaceAll(e.Reason, "_", " "),
		})
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(f.Status)
	_ = json.NewEncoder(w).Encode(e) // a client that has gone does not matter here
}

// answerData is what the page of an answer shows.
type answerData struct {
	Title, Advice string
	Reason        string  // "" of an accepted file
	Offset        *int64  // nil if there is no single place
	Result        *result // nil of a refused file
}

type result struct {
	Format        string
	Width, Height int
	Warnings      []string
}

// answerAccepted answers for a file that passed.
func answerAccepted(answer *template.Template) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		files := middleware.Files(r.Context())
		if !wantsPage(r) || len(files) == 0 {
			runPipeline(w, r)
			return
		}
		res := files[0].Result
		shown := &result{Format: strings.ToUpper(string(res.Format))}
		shown.Width, shown.Height = res.Shown()
		for _, warning := range res.Warnings {
			shown.Warnings = append(shown.Warnings, warning.Text)
		}
		writePage(w, http.StatusOK, answer, answerData{Title: "Accepted", Result: shown})
	})
}

// wantsPage reports whether a form was sent, and not a script's request.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

func writePage(w http.ResponseWriter, status int, answer *template.Template, data answerData) {
	var b bytes.Buffer
	if err := answer.Execute(&b, data); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	setPolicy(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
