package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// verdicts is what the page shows when it is done with a file.
type verdicts struct {
	Headline string
	State    string // "yes" or "no"
	Advice   string
	Notes    []string
	Browser  map[string]string // cells of the table, by the name of their row
	Server   map[string]string
	HTTP     string // "HTTP 422"
	JSON     string // as a client gets it
	Shown    bool   // the picture is on the stage
	Width    int    // of the picture on the stage, in its own pixels
	Drawn    bool   // it is a preview, and not what the browser decoded
	Plate    string // what stands for the picture, "" if hidden
	Boxes    int
	Send     string // the button that sends, "" if hidden
}

// readPage is what a person reads off the page.
const readPage = `(() => {
	const $ = (id) => document.getElementById(id), text = (id) => $(id).textContent;
	const drawn = !$("frame").hidden && !$("drawn").hidden;
	const column = (side) => Object.fromEntries([...$("verdicts").tBodies[0].rows].map((r) => [r.dataset.row, r.cells[side].textContent]));
	return {
		Headline: text("headline"), State: $("outcome").dataset.state, Advice: text("advice"),
		Notes: [...$("notes").children].map((n) => n.textContent),
		Browser: column(1), Server: column(2),
		HTTP: $("answer").hidden ? "" : text("http"), JSON: $("answer").hidden ? "" : text("json"),
		Shown: !$("frame").hidden && (drawn ? $("drawn").width > 0 : $("picture").complete && $("picture").naturalWidth > 0),
		Width: drawn ? $("drawn").width : $("picture").naturalWidth, Drawn: drawn,
		Plate: $("plate").hidden ? "" : text("plate-why"),
		Boxes: $("boxes").querySelectorAll("rect:not(.under)").length,
		Send: $("send").hidden ? "" : text("send"),
	};
})()`

// page is the page of a server in a tab.
type page struct {
	t   *testing.T
	ctx context.Context
	dir string
}

// openPage opens the page, and fails the test if a script of it throws or does what
// the page's policy forbids.
func openPage(t *testing.T, address string) page {
	p := page{t, newTab(t), t.TempDir()}
	faults := make(chan string, 100)
	chromedp.ListenTarget(p.ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			faults <- e.ExceptionDetails.Error()
		case *log.EventEntryAdded: // a refusal's status is logged too, as of "network"
			if e.Entry.Source == log.SourceSecurity || e.Entry.Source == log.SourceViolation {
				faults <- e.Entry.Text
			}
		}
	})
	t.Cleanup(func() {
		for len(faults) > 0 {
			t.Error("the page's console: " + <-faults)
		}
	})
	p.do(chromedp.Navigate(address), chromedp.WaitVisible("#prompt"))
	return p
}

// in is the same page in a subtest.
func (p page) in(t *testing.T) page {
	p.t = t
	return p
}

func (p page) do(actions ...chromedp.Action) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Run(p.ctx, actions...))
}

// drop drops a file on the stage, and waits until the page is
// done with it.
func (p page) drop(name string, data []byte) verdicts {
	p.t.Helper()
	// On a busy machine the check may load for longer than the page waits for it.
	p.until(`!document.body.dataset.check || "loaded" in document.body.dataset`)
	p.choose(name, data)
	return p.settled(name)
}

// choose drops a file on the stage, as a person does.
func (p page) choose(name string, data []byte) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	require.NoError(p.t, os.WriteFile(path, data, 0o600))
	var at struct{ X, Y float64 }
	p.do(chromedp.Evaluate(`(() => {
		const stage = document.getElementById("stage");
		stage.scrollIntoView({block: "center"});
		const r = stage.getBoundingClientRect();
		return {X: r.x + r.width / 2, Y: r.y + r.height / 2};
	})()`, &at))
	drag := &input.DragData{Items: []*input.DragDataItem{}, Files: []string{path}, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DragEnter, input.DragOver, input.Drop} {
		p.do(input.DispatchDragEvent(kind, at.X, at.Y, drag))
	}
}

// send presses the button that sends, and waits for the server's verdict.
func (p page) send() verdicts {
	p.t.Helper()
	p.do(chromedp.Click("#send"))
	return p.settled("")
}

// settled waits until the page is done, with the file of that name if one is given.
func (p page) settled(name string) verdicts {
	p.t.Helper()
	err := chromedp.Run(p.ctx, chromedp.Poll(fmt.Sprintf(`document.getElementById("file-name").textContent.startsWith(%q) &&
		document.getElementById("outcome").getAttribute("aria-busy") === "false"`, name), nil,
		chromedp.WithPollingTimeout(patience/2), chromedp.WithPollingInterval(20*time.Millisecond)))
	v := p.now()
	require.NoError(p.t, err, "the page stays at %+v", v)
	return v
}

// now is what the page shows at the moment.
func (p page) now() verdicts {
	p.t.Helper()
	var v verdicts
	p.do(chromedp.Evaluate(readPage, &v))
	return v
}

// good returns a file of testdata.
func good(t *testing.T, name string) []byte {
	b, err := os.ReadFile(filepath.Join(root, "testdata", "good", name))
	require.NoError(t, err)
	return b
}
