package fuzz

import "embed"

// The seeds: pictures whose entropy coding needs an encoder. How they were made
// stands in seeds/README.md.
//
//go:embed seeds/*.png seeds/*.jpg seeds/*.webp seeds/*.heic
var seedFiles embed.FS

// seed returns an embedded file. The names are constants of this package, and a
// test opens them all.
func seed(name string) []byte {
	b, err := seedFiles.ReadFile("seeds/" + name)
	if err != nil {
		panic("fuzz: no such seed: " + name) // a typing error here, never input
	}
	return b
}
