//go:build !imgvet_browser

package detect

import "github.com/gabriel-vasile/mimetype"

// foreignType returns the media type of content in none of our formats.
func foreignType(head []byte) string { return mimetype.Detect(head).String() }
