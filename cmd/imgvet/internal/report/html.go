package report

import (
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"path/filepath"
	"strings"
	"time"

	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

//go:embed report.css
var reportStyle string

// htmlReporter writes one page that needs no other file and no network: first the counts
// by reason and format, then the files, grouped by reason, each group in the order of the
// check. Names are shown as on the terminal, quoted where they hold what is not printable,
// and escaped for HTML.
type htmlReporter struct {
	s      *spool
	dir    string // of the page, from which it links to the files
	item   *template.Template
	groups groups
}

// htmlItem is a file of the page.
type htmlItem struct {
	Name, Format string
	Link         string         // relative to the page; "" for standard input
	Code         *validate.Code // nil: accepted, or could not be read
	Message      string
	Reason       string
	Detail       []string
	Advice       string
	Thumb        template.URL
	Part         bool
}

const itemTemplate = `<li>
{{if .Thumb}}<figure><img src="{{.Thumb}}" alt="" loading="lazy" decoding="async">{{if .Part}}<figcaption>grey: lost</figcaption>{{end}}</figure>
{{else}}<div class="icon" aria-hidden="true">{{.Format}}</div>
{{end}}<div>
<h3><bdi>{{if .Link}}<a href="{{.Link}}">{{.Name}}</a>{{else}}{{.Name}}{{end}}</bdi></h3>
<p>{{if .Code}}<b>code {{.Code}}</b> {{end}}{{.Message}}{{if .Reason}} <code>{{.Reason}}</code>{{end}}</p>
{{if .Advice}}<p>{{.Advice}}</p>
{{end}}{{range .Detail}}<p class="detail">{{.}}</p>
{{end}}</div>
</li>
`

func newHTMLReporter(s *spool) Reporter {
	dir, err := filepath.Abs(filepath.Dir(s.dst.Name()))
	if err != nil {
		dir = "" // no links, then
	}
	return htmlReporter{s, dir, template.Must(template.New("item").Parse(itemTemplate)), groups{}}
}

func (r htmlReporter) Report(v Verdict) error {
	if v.Err == nil && len(v.Result.Warnings) == 0 {
		return nil
	}
	item := htmlItem{
		Name:   cli.Printable(v.File),
		Link:   r.link(v.File),
		Format: strings.ToUpper(format(v.Result.Format)),
		Part:   v.Thumb.Part,
	}
	if v.File == cli.Stdin {
		item.Name = "standard input"
	}
	if v.Thumb.JPEG != nil {
		item.Thumb = template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(v.Thumb.JPEG))
	}
	refusal := v.Refusal()
	var to groupKey
	switch {
	case refusal != nil:
		to = groupKey{kindRefused, string(refusal.Reason)}
		item.Code, item.Message = &refusal.Code, refusal.Code.Message()
		item.Reason, item.Advice = string(refusal.Reason), refusal.Advice()
		item.Detail = []string{cli.Plain(v.Err)}
	case v.Err != nil:
		to = groupKey{kind: kindFailed}
		item.Message, item.Detail = "could not be read", []string{cli.Plain(v.Err)}
	default:
		to = groupKey{kindWarned, string(v.Result.Warnings[0].Reason)}
		item.Message = "accepted, with a warning"
		for _, w := range v.Result.Warnings {
			item.Detail = append(item.Detail, warning(w))
		}
	}
	w, err := r.groups.add(to, item.Format)
	if err != nil {
		return err
	}
	return r.item.Execute(w, item)
}

// link returns where the page finds a file: by a path from its own folder, so that both can
// be moved together. It begins with a dot, so that no name is taken for a scheme.
func (r htmlReporter) link(name string) string {
	if name == cli.Stdin || r.dir == "" {
		return ""
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(r.dir, abs)
	if err != nil {
		return "" // on another drive
	}
	return "./" + escapePath(filepath.ToSlash(rel))
}

func (r htmlReporter) Finish(t Tally) error {
	page := overview{Tally: t, Style: template.CSS(reportStyle), Policy: policy(reportStyle),
		Start: t.Start.Format("2 January 2006, 15:04"), Took: t.Took.Round(time.Millisecond)}
	groups := r.groups.sorted()
	page.fill(groups)
	err := page.write(r.s, groups)
	return errors.Join(err, r.s.finish(nil, []byte("</main>\n</html>\n")))
}
