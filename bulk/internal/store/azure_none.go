//go:build !azure

package store

import "gocloud.dev/blob"

func ofAzure(*blob.Reader) (Identity, bool) { return Identity{}, false }
