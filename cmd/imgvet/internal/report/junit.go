package report

import (
	"encoding/xml"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// junitReporter writes a test case a file: refused is a failure, not read an
// error. JUnit XML has no standard; this is the part that Ant's and Jenkins' schemas
// and GitLab's and GitHub's readers agree on.
type junitReporter struct{ s *spool }

type junitCase struct {
	XMLName   xml.Name     `xml:"testcase"`
	Class     string       `xml:"classname,attr"`
	Name      string       `xml:"name,attr"`
	Time      string       `xml:"time,attr"`
	Error     *junitFault  `xml:"error"`
	Failure   *junitFault  `xml:"failure"`
	SystemOut *junitOutput `xml:"system-out"`
}

type junitFault struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type junitOutput struct {
	Text string `xml:",chardata"`
}

func newJUnitReporter(s *spool) Reporter { return junitReporter{s} }

func (r junitReporter) Report(v Verdict) error {
	c := junitCase{
		Class: "imgvet." + format(v.Result.Format),
		Name:  xmlText(filepath.ToSlash(v.File)),
		Time:  seconds(v.Took),
	}
	switch refusal := v.Refusal(); {
	case refusal != nil:
		c.Failure = &junitFault{reasonOf(refusal), refusal.Code.Message(), xmlText(refusal.Error() + "\n" + refusal.Advice())}
	case v.Err != nil:
		c.Error = &junitFault{unreadable, "could not be read", xmlText(v.Err.Error())}
	case len(v.Result.Warnings) > 0:
		c.SystemOut = &junitOutput{xmlText(strings.TrimSpace(warnings(v.Result.Warnings)))}
	}
	b, err := xml.Marshal(c)
	if err != nil {
		return err
	}
	_, err = r.s.Write(append(b, '\n'))
	return err
}

func (r junitReporter) Finish(t Tally) error {
	counts := fmt.Sprintf(`tests="%d" failures="%d" errors="%d" time="%s"`, t.Checked(), t.Refused, t.Failed, seconds(t.Took))
	head := xml.Header + fmt.Sprintf("<testsuites name=\"imgvet\" %s>\n<testsuite name=\"imgvet check\" %s skipped=\"0\" timestamp=\"%s\" hostname=\"localhost\">\n",
		counts, counts, t.Start.UTC().Format("2006-01-02T15:04:05"))
	return r.s.finish([]byte(head), []byte("</testsuite>\n</testsuites>\n"))
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// xmlText quotes what XML cannot hold: control characters, and bytes that are no
// UTF-8, both of which names of files may have (XML 1.0, 2.2). The encoder would
// write U+FFFD for them, and two files would have one name.
func xmlText(s string) string {
	for _, r := range s {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return strconv.Quote(s)
		}
	}
	return s
}
