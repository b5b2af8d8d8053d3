package report

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/explain"
)

// overview is the head of the page, and of each of its groups.
type overview struct {
	Tally   Tally
	Style   template.CSS
	Policy  template.HTML // the meta element
	Start   string
	Took    time.Duration
	Formats []string // of the columns
	Rows    []overviewRow
}

// overviewRow is a line of the table, and a group of files below it.
type overviewRow struct {
	ID      string // of the list in the group: a link into what is folded unfolds it
	Title   string
	Reason  string // "" for files that could not be read
	Meaning string
	N       int64
	Counts  []int64 // beside overview.Formats
	Open    bool    // the group is unfolded from the start
}

// unfolded is how many files the page shows unfolded, if they lie in whole groups.
const unfolded = 100

const headTemplate = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
{{.Policy}}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>imgvet: {{.Tally.Refused}} refused</title>
<style>{{.Style}}</style>
<header>
<h1>{{.Tally}}</h1>
<p>imgvet check, {{.Start}}, in {{.Took}}</p>
{{with .Tally.Stopped}}<p><b>The check did not come to its end:</b> {{.}}</p>
{{end}}{{if .Rows}}<div class="scroll"><table>
<thead><tr><th scope="col">what</th><th scope="col">files</th>{{range .Formats}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr><th scope="row"><a href="#{{.ID}}">{{.Title}}{{with .Reason}} <code>{{.}}</code>{{end}}</a></th><td>{{.N}}</td>{{range .Counts}}<td>{{if .}}{{.}}{{end}}</td>{{end}}</tr>
{{end}}</tbody>
</table></div>
{{else}}<p>Nothing was refused.</p>
{{end}}</header>
<main>
`

const groupTemplate = `<details{{if .Open}} open{{end}}>
<summary><h2>{{.Title}}{{with .Reason}} <code>{{.}}</code>{{end}} <span>{{.N}}</span></h2></summary>
{{with .Meaning}}<p>{{.}}</p>
{{end}}<ol id="{{.ID}}">
`

// fill makes the table of what the groups hold.
func (o *overview) fill(all []*group) {
	for _, g := range all {
		for f := range g.formats {
			if !slices.Contains(o.Formats, f) {
				o.Formats = append(o.Formats, f)
			}
		}
	}
	slices.Sort(o.Formats)
	short := map[string]string{}
	for _, r := range explain.Reasons() {
		short[string(r.Reason)] = r.Short
	}
	shown := int64(0)
	for _, g := range all {
		row := overviewRow{ID: g.id(), Title: g.title(), Reason: g.reason, Meaning: short[g.reason], N: g.n}
		for _, f := range o.Formats {
			row.Counts = append(row.Counts, g.formats[f])
		}
		if shown+g.n <= unfolded {
			row.Open, shown = true, shown+g.n
		}
		o.Rows = append(o.Rows, row)
	}
}

// write writes the head, and the groups with their items. All groups end, whatever fails.
func (o *overview) write(w io.Writer, groups []*group) error {
	err := template.Must(template.New("head").Parse(headTemplate)).Execute(w, o)
	head := template.Must(template.New("group").Parse(groupTemplate))
	for i, g := range groups {
		if err == nil {
			err = head.Execute(w, o.Rows[i])
		}
		if err != nil {
			err = errors.Join(err, discard(g.tmp))
			continue
		}
		if err = g.moveTo(w); err == nil {
			_, err = io.WriteString(w, "</ol>\n</details>\n")
		}
	}
	return err
}

func (g *group) title() string {
	return [...]string{kindFailed: "not read", kindRefused: "refused", kindWarned: "warning"}[g.kind]
}

// id is a fragment. Reasons are of letters and underscores, also those that come of a hook.
func (g *group) id() string {
	return strings.ReplaceAll(g.title(), " ", "-") + "-" + g.reason
}

// policy returns a Content-Security-Policy that lets the page have its style and the
// pictures in it, and nothing else.
func policy(style string) template.HTML {
	sum := sha256.Sum256([]byte(style))
	return template.HTML(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-` +
		base64.StdEncoding.EncodeToString(sum[:]) + `'; base-uri 'none'; form-action 'none'">`)
}

// escapePath escapes whatever is not plain in a path of a link, byte by byte, so that names
// that are no UTF-8 are found too.
func escapePath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("/-_.~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
