// Command release makes a release of every module that users import or install: one commit, with
// one tag for each module, in the repository it is run in. It pushes nothing.
//
//	cd .ci/release
//	go run . v1.2.3                # make the commit and the tags
//	go run . -proxy FOLDER v1.2.3  # also write them as a module proxy, for GOPROXY=file://FOLDER
//	go run . -notes v1.2.3         # print what CHANGELOG.md says of the version, and do nothing else
//
// On main a module finds the others by a replace directive, which the go command ignores in
// whatever somebody requires. In the commit of a release, which is on no branch, each module
// requires the others at the released version instead, with their checksums. The browser's files
// are part of that commit, so that "go install" gives a server whose page checks in the browser.
//
// CHANGELOG.md must have a section with the version, and everything must be committed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	proxy := flag.String("proxy", "", "`folder` to write the release to as a module proxy")
	notes := flag.Bool("notes", false, "print the release notes only")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: release [-proxy FOLDER | -notes] vX.Y.Z")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, filepath.Join("..", ".."), *proxy, *notes, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, repo, proxy string, notesOnly bool, version string) error {
	if notesOnly {
		text, err := notes(repo, version)
		fmt.Print(text)
		return err
	}
	tags, err := release(ctx, repo, proxy, version)
	if err != nil {
		return err
	}
	// GitHub starts no workflow for a push of more than three tags, and the other modules require
	// the root: its tag goes first, alone.
	fmt.Printf("To publish it:\n  git push origin %s\n  git push --atomic origin %s\n", tags[0], strings.Join(tags[1:], " "))
	return nil
}
