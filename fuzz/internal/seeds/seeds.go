package seeds

import "embed"

// Files are the seeds, below files/.
//
//go:embed files/*.png files/*.jpg files/*.webp files/*.heic
var Files embed.FS

// Get returns an embedded file. The names are constants of the kit, and a
// test opens them all.
func Get(name string) []byte {
	b, err := Files.ReadFile("files/" + name)
	if err != nil {
		panic("fuzz: no such seed: " + name) // a typing error here, never input
	}
	return b
}
