//go:build !gcs

package store

import "gocloud.dev/blob"

func ofGCS(*blob.Reader) (Identity, bool) { return Identity{}, false }

func generation(*blob.Attributes) (string, bool) { return "", false }
