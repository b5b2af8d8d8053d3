//go:build azure

package store

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // azblob://
)

func ofAzure(r *blob.Reader) (Identity, bool) {
	var a azblob.DownloadStreamResponse
	if !r.As(&a) {
		return Identity{}, false
	}
	id := Identity{}
	if a.ETag != nil {
		id.ETag = string(*a.ETag)
	}
	if a.VersionID != nil {
		id.Version = *a.VersionID
	}
	return id, true
}
