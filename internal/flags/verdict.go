package flags

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

// Verdict is what a file must satisfy.
type Verdict struct {
	Options validate.Options
	Face    bool // look for faces
}

// Add adds the flags that set v. face says whether faces are looked for by default.
func (v *Verdict) Add(f *pflag.FlagSet, face bool) {
	Tolerance(f, &v.Options.Tolerance)
	Rules(f, &v.Options.Rules)
	f.Var((*formats)(&v.Options.Formats), "formats", "take only these formats, such as png,jpeg (default: all five)")
	v.Options.MaxBytes = validate.MaxBytes
	f.Var((*Bytes)(&v.Options.MaxBytes), "max-bytes", "refuse files of this `size` or more: a number of bytes, or such as 5MiB")
	f.Int64Var(&v.Options.MaxPixels, "max-pixels", validate.DefaultMaxPixels, "refuse pictures of more pixels than this")
	f.Int64Var(&v.Options.MaxWork, "max-work", 0, "refuse pictures that cost more units of work than this to verify; 40000000 takes every PNG and baseline JPEG under 10 MiB (default: no ceiling)")
	f.BoolVar(&v.Face, "face", face, "look for faces: refuse pictures without one, with code 4")
}

// Format reads the name of a format: "png", "JPG".
func Format(name string) (detect.Format, error) {
	format := detect.Format(strings.ToLower(strings.TrimSpace(name)))
	if format == "jpg" {
		format = detect.JPEG
	}
	if format.MIME() == "" {
		return detect.Unknown, fmt.Errorf("%q is none of png, jpeg, heic, bmp and webp", name)
	}
	return format, nil
}

// Finish loads the face finder, if faces are looked for.
func (v *Verdict) Finish() error {
	if !v.Face {
		return nil
	}
	finder, err := face.New(face.Options{})
	if err != nil {
		return cli.Failure{Err: err}
	}
	v.Options.Faces = finder
	return nil
}

// formats is a list of formats as a flag: names with commas between them.
type formats []detect.Format

// Set reads "png,jpeg". The last one given counts.
func (f *formats) Set(s string) error {
	var list []detect.Format
	for name := range strings.SplitSeq(s, ",") {
		format, err := Format(name)
		if err != nil {
			return err
		}
		list = append(list, format)
	}
	*f = list
	return nil
}

func (f *formats) String() string {
	var names []string
	for _, format := range *f {
		names = append(names, string(format))
	}
	return strings.Join(names, ",")
}

// Type names the value in the help.
func (f *formats) Type() string { return "names" }
