//go:build gcs

package store

import (
	"strconv"

	"cloud.google.com/go/storage"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/gcsblob" // gs://
)

func ofGCS(r *blob.Reader) (Identity, bool) {
	var g *storage.Reader
	if !r.As(&g) {
		return Identity{}, false
	}
	generation := strconv.FormatInt(g.Attrs.Generation, 10)
	return Identity{Version: generation}, true
}

func generation(attrs *blob.Attributes) (string, bool) {
	var g storage.ObjectAttrs
	if !attrs.As(&g) {
		return "", false
	}
	return strconv.FormatInt(g.Generation, 10), true
}
