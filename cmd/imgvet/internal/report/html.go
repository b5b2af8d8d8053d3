package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

//go:embed report.css
var reportStyle string

// htmlReporter writes one page that needs no other file and no network: what was
// refused or could not be read, in the order of the check. Names are shown as on the
// terminal, quoted where they hold what is not printable, and escaped for HTML.
type htmlReporter struct {
	s    *spool
	item *template.Template
}

// htmlItem is a file of the page.
type htmlItem struct {
	Name, Format string
	Code         *validate.Code // nil: could not be read
	Message      string
	Reason       string
	Detail       string
	Advice       string
	Thumb        template.URL
	Part         bool
}

const itemTemplate = `<li>
{{if .Thumb}}<figure><img src="{{.Thumb}}" alt="">{{if .Part}}<figcaption>grey: lost</figcaption>{{end}}</figure>
{{else}}<div class="icon" aria-hidden="true">{{.Format}}</div>
{{end}}<div>
<h2><bdi>{{.Name}}</bdi></h2>
<p>{{if .Code}}<b>code {{.Code}}</b> {{else}}<b>not read</b> {{end}}{{.Message}}{{if .Reason}} <code>{{.Reason}}</code>{{end}}</p>
{{if .Advice}}<p>{{.Advice}}</p>
{{end}}<p class="detail">{{.Detail}}</p>
</div>
</li>
`

func newHTMLReporter(s *spool) Reporter {
	return htmlReporter{s, template.Must(template.New("item").Parse(itemTemplate))}
}

func (r htmlReporter) Report(v Verdict) error {
	if v.Err == nil {
		return nil
	}
	item := htmlItem{
		Name:    cli.Printable(v.File),
		Format:  strings.ToUpper(format(v.Result.Format)),
		Message: "could not be read",
		Detail:  cli.Plain(v.Err),
		Part:    v.Thumb.Part,
	}
	if v.File == cli.Stdin {
		item.Name = "standard input"
	}
	if refusal := v.Refusal(); refusal != nil {
		item.Code, item.Message = &refusal.Code, refusal.Code.Message()
		item.Reason, item.Advice = string(refusal.Reason), refusal.Advice()
	}
	if v.Thumb.JPEG != nil {
		item.Thumb = template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(v.Thumb.JPEG))
	}
	return r.item.Execute(r.s, item)
}

func (r htmlReporter) Finish(t Tally) error {
	sum := sha256.Sum256([]byte(reportStyle))
	policy := "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	ended := ""
	if t.Stopped != nil {
		ended = "<p><b>The check did not come to its end:</b> " + template.HTMLEscapeString(t.Stopped.Error()) + "</p>\n"
	}
	none := ""
	if t.Refused+t.Failed == 0 {
		none = "<p>Nothing was refused.</p>\n"
	}
	head := fmt.Sprintf(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>imgvet: %d refused</title>
<style>%s</style>
<header>
<h1>%s</h1>
<p>imgvet check, %s, in %v</p>
%s%s</header>
<main>
<ol>
`, policy, t.Refused, reportStyle, t, t.Start.Format("2 January 2006, 15:04"), t.Took.Round(time.Millisecond), ended, none)
	return r.s.finish([]byte(head), []byte("</ol>\n</main>\n</html>\n"))
}
