package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
)

// Identity is which state of an object was read. Version is "" where a bucket has no versions.
type Identity struct{ ETag, Version string }

// identify holds the stores that say in the answer to a read what was read.
var identify = [...]func(*blob.Reader) (Identity, bool){ofDir, ofS3, ofGCS, ofAzure}

func ofDir(r *blob.Reader) (Identity, bool) {
	var d *dirReader
	if !r.As(&d) {
		return Identity{}, false
	}
	return Identity{ETag: etag(d.info)}, true
}

func ofS3(r *blob.Reader) (Identity, bool) {
	var out s3.GetObjectOutput
	if !r.As(&out) {
		return Identity{}, false
	}
	id := Identity{}
	if out.ETag != nil {
		id.ETag = *out.ETag
	}
	if out.VersionId != nil && *out.VersionId != "null" {
		id.Version = *out.VersionId
	}
	return id, true
}

// Identify returns the identity of what r reads. Of a store that does not say it with the
// object's bytes it asks once more.
func Identify(ctx context.Context, b *blob.Bucket, key string, r *blob.Reader) (Identity, error) {
	for _, of := range identify {
		if id, ok := of(r); ok {
			return id, nil
		}
	}
	attrs, err := b.Attributes(ctx, key)
	if err != nil {
		return Identity{}, err
	}
	return Identity{ETag: attrs.ETag}, nil
}

// Is reports whether an object with these attributes is in the state that id names: by its
// generation in GCS, whose reads say no ETag, and by its ETag elsewhere.
func (id Identity) Is(attrs *blob.Attributes) bool {
	if version, ok := generation(attrs); ok && id.Version != "" {
		return version == id.Version
	}
	return id.ETag == "" || attrs.ETag == id.ETag
}

// Streams reports whether a reader of b fetches no more than is read from it. A reader of a
// bucket behind a network has more under way when it is closed.
func Streams(b *blob.Bucket) bool {
	var d *dir
	return b.As(&d)
}

// FileName returns the name, byte for byte, of what has this key in b.
func FileName(b *blob.Bucket, key string) string {
	var d *dir
	if b.As(&d) {
		return nameOf(key)
	}
	return key
}

// Ranged returns the options of a ranged read. Some servers that speak S3 send the checksum of the whole
// object with a part of it, and the client would find it wrong.
func Ranged() *blob.ReaderOptions {
	return &blob.ReaderOptions{BeforeRead: func(as func(any) bool) error {
		var options *[]func(*s3.Options)
		if as(&options) {
			*options = append(*options, func(o *s3.Options) {
				o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
			})
		}
		return nil
	}}
}
