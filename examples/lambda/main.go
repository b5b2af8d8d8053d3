// Command lambda is a function on AWS Lambda that S3 calls for each upload: it tags the object with
// the verdict, or deletes what is refused.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/imgvet/imgvet/validate"
)

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	v := vetter{client: s3.NewFromConfig(settings), remove: os.Getenv("REFUSED") == "delete"}
	lambda.Start(v.handle)
}

type vetter struct {
	client *s3.Client
	remove bool // what is refused
	opts   validate.Options
}

// handle judges the objects of an event. After an error Lambda calls it again with the same event,
// which does no harm.
func (v vetter) handle(ctx context.Context, event events.S3Event) error {
	var errs []error
	for _, record := range event.Records {
		errs = append(errs, v.object(ctx, newObject(record.S3)))
	}
	return errors.Join(errs...)
}

// object is one state of an S3 object. In a bucket without versions it is the state with that ETag.
type object struct{ bucket, key, version, etag *string }

func newObject(e events.S3Entity) object {
	o := object{bucket: &e.Bucket.Name, key: &e.Object.URLDecodedKey}
	if e.Object.VersionID != "" {
		o.version = &e.Object.VersionID
	} else if e.Object.ETag != "" {
		o.etag = aws.String(`"` + e.Object.ETag + `"`)
	}
	return o
}

func (v vetter) object(ctx context.Context, o object) error {
	res, err := v.verify(ctx, o)
	var refusal *validate.Error
	switch {
	case err == nil:
		err = v.tag(ctx, o, map[string]string{"imgvet": "passed", "imgvet-format": string(res.Format)})
	case errors.As(err, &refusal) && v.remove:
		_, err = v.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: o.bucket, Key: o.key, VersionId: o.version, IfMatch: o.etag})
	case errors.As(err, &refusal):
		err = v.tag(ctx, o, map[string]string{"imgvet": "refused",
			"imgvet-code": strconv.Itoa(int(refusal.Code)), "imgvet-reason": string(refusal.Reason)})
	}
	if isGone(err) { // deleted, or written again, which has an event of its own
		return nil
	}
	return err
}

// verify reads no more of an object than its verdict needs.
func (v vetter) verify(ctx context.Context, o object) (*validate.Result, error) {
	got, err := v.client.GetObject(ctx, &s3.GetObjectInput{Bucket: o.bucket, Key: o.key, VersionId: o.version, IfMatch: o.etag})
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	return validate.Validate(ctx, got.Body, v.opts)
}

// tag replaces the tags that are ours and keeps the others.
func (v vetter) tag(ctx context.Context, o object, ours map[string]string) error {
	has, err := v.client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: o.bucket, Key: o.key, VersionId: o.version})
	if err != nil {
		return err
	}
	tags := slices.DeleteFunc(has.TagSet, func(t types.Tag) bool { return *t.Key == "imgvet" || strings.HasPrefix(*t.Key, "imgvet-") })
	for key, value := range ours {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	_, err = v.client.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: o.bucket, Key: o.key, VersionId: o.version,
		Tagging: &types.Tagging{TagSet: tags}})
	return err
}

func isGone(err error) bool {
	var e smithy.APIError
	return errors.As(err, &e) && slices.Contains([]string{"NoSuchKey", "NoSuchVersion", "PreconditionFailed"}, e.ErrorCode())
}
