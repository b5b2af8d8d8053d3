package parsers_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
)

// TestDocumentation holds the number of requests in docs/http.md to the code.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/http.md")
	require.NoError(t, err)
	crafted, good := 0, 0
	for r := range fuzz.Readings("") {
		crafted += one(!r.OK)
		good += one(r.OK)
	}
	said := regexp.MustCompile(`(\d+) crafted requests of eleven kinds, and (\d+) as\s+clients send them`).FindSubmatch(text)
	require.NotNil(t, said)
	require.Equal(t, []string{strconv.Itoa(crafted), strconv.Itoa(good)}, []string{string(said[1]), string(said[2])})
	require.Contains(t, string(text), fmt.Sprintf("of %d crafted requests", crafted))
	require.Len(t, fuzz.ReadingClasses(), 11)
	for _, p := range goParsers {
		require.Contains(t, string(text), "| "+p.name+" |")
	}
}

// summarise fails for every fault, and prints the table of docs/http.md.
func summarise(t *testing.T, results []*result) {
	var lines []string
	plain := doors[0]
	readings := plain.readings()
	for _, d := range doors {
		for _, r := range d.readings() {
			byFault := map[string][]string{}
			for _, res := range results {
				if text := res.fault(d, r); text != "" {
					byFault[text] = append(byFault[text], res.Name)
				}
			}
			for text, names := range byFault {
				lines = append(lines, fmt.Sprintf("%s: %s: %s [%s] (%s)", d.name, r.Name, text, strings.Join(names, ", "), r.Why))
			}
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		t.Errorf("%s", line)
	}
	t.Logf("what parsers find, straight and through the middleware\n\n%s", table(results))
	t.Logf("classes\n\n%s", classes(results))
	for _, r := range readings {
		if r.OK {
			continue
		}
		if !slices.ContainsFunc(results, func(res *result) bool { return res.direct(plain, r).fooled(r) != nil }) {
			t.Logf("fools nobody: %s", r.Name)
		}
	}
	for _, res := range results {
		for _, r := range readings {
			x := res.direct(plain, r)
			switch {
			case x.err != nil:
				t.Logf("%s, straight: %s: %v", res.Name, r.Name, x.err)
			case r.OK && !x.parsed():
				t.Logf("%s, straight: %s: refuses what clients send: %d %s", res.Name, r.Name, x.status, x.body)
			case r.OK && r.Judge(x.files) != nil:
				t.Logf("%s, straight: %s: %v", res.Name, r.Name, r.Judge(x.files))
			}
		}
	}
}

// table has a line for each parser: how many crafted requests brought it a file
// that was not sent as one, or a good one cut short, straight and through any door.
func table(results []*result) string {
	plain := doors[0]
	crafted := 0
	for _, r := range plain.readings() {
		crafted += one(!r.OK)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| Parser | Version | Fooled, of %d crafted requests | Through the middleware |\n|---|---|---|---|\n", crafted)
	for _, res := range results {
		straight, through := 0, 0
		for _, r := range plain.readings() {
			straight += one(!r.OK && res.direct(plain, r).fooled(r) != nil)
		}
		for _, d := range doors {
			for _, r := range d.readings() {
				through += one(!r.OK && res.fault(d, r) != "")
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", res.Name, res.Version, straight, through)
	}
	return b.String()
}

// classes has a line for each class: how many of its crafted requests fool at
// least one parser, straight and through any door, and how many of its good ones do
// not get through.
func classes(results []*result) string {
	plain := doors[0]
	some := func(f func(*result) bool) int { return one(slices.ContainsFunc(results, f)) }
	var b strings.Builder
	b.WriteString("| Class | Crafted requests | Fool a parser | Through the middleware | Good forms lost |\n|---|---|---|---|---|\n")
	for _, class := range fuzz.ReadingClasses() {
		crafted, straight := 0, 0
		for _, r := range plain.readings() {
			if r.Class == class && !r.OK {
				crafted++
				straight += some(func(res *result) bool { return res.direct(plain, r).fooled(r) != nil })
			}
		}
		through, lost := 0, 0
		for _, d := range doors {
			for _, r := range d.readings() {
				bad := some(func(res *result) bool { return r.Class == class && res.fault(d, r) != "" })
				if r.OK {
					lost += bad
				} else {
					through += bad
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", class, crafted, straight, through, lost)
	}
	return b.String()
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
