package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
)

// Action is what becomes of a refused object.
type Action string

// The actions.
const (
	Keep Action = "keep"
	Move Action = "move" // to the quarantine
	Tag  Action = "tag"  // S3: the tags imgvet, imgvet-code and imgvet-reason
)

// Problem returns an error if there is no such action.
func (a Action) Problem() error {
	switch a {
	case Keep, Move, Tag:
		return nil
	}
	return fmt.Errorf("%q is none of keep, move and tag", string(a))
}

// ProblemWith returns an error if a bucket does not know the action.
func (a Action) ProblemWith(b *blob.Bucket) error {
	var client *s3.Client
	if a == Tag && !b.As(&client) {
		return errors.New("only objects of s3:// have tags")
	}
	return nil
}

// act does with a refused object what is to be done, if it is still the one that was refused.
func (w *Watcher) act(ctx context.Context, l line.Line) error {
	if w.Refused == Keep {
		return nil
	}
	same, err := w.same(ctx, l)
	if err != nil || !same {
		return err
	}
	switch w.Refused {
	case Move:
		err = w.move(ctx, l)
	case Tag:
		err = w.tag(ctx, l)
	}
	if gcerrors.Code(err) == gcerrors.NotFound { // gone: it needs no quarantine
		return nil
	}
	return err
}

// move copies an object to the quarantine and deletes it, if it is still the one that was refused.
// Between the last look and the deletion lies one request: a store without versions can lose what
// is written in that time.
func (w *Watcher) move(ctx context.Context, l line.Line) error {
	opts := &blob.CopyOptions{BeforeCopy: func(as func(any) bool) error {
		var in *s3.CopyObjectInput
		if as(&in) && l.ETag != "" {
			in.CopySourceIfMatch = aws.String(l.ETag)
		}
		return nil
	}}
	to := w.Quarantine + l.Key
	if err := w.Bucket.Copy(ctx, to, l.Key, opts); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	if same, err := w.same(ctx, l); err != nil || !same {
		return err
	}
	if err := w.Bucket.Delete(ctx, l.Key); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	w.Log.Info("moved", "key", l.Key, "to", to)
	return nil
}

// same reports whether an object is still the one that was judged.
func (w *Watcher) same(ctx context.Context, l line.Line) (bool, error) {
	attrs, err := w.Bucket.Attributes(ctx, l.Key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return store.Identity{ETag: l.ETag, Version: l.Version}.Is(attrs), nil
}

// tag adds tags to those that an object has.
func (w *Watcher) tag(ctx context.Context, l line.Line) error {
	var client *s3.Client
	if !w.Bucket.As(&client) {
		return errors.New("the bucket has no tags")
	}
	key := w.Prefix + l.Key
	var version *string
	if l.Version != "" {
		version = &l.Version
	}
	has, err := client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: &w.Name, Key: &key, VersionId: version})
	if err != nil {
		return fmt.Errorf("tags: %w", err)
	}
	ours := [...]types.Tag{
		{Key: aws.String("imgvet"), Value: aws.String("refused")},
		{Key: aws.String("imgvet-code"), Value: aws.String(strconv.Itoa(int(l.Error.Code)))},
		{Key: aws.String("imgvet-reason"), Value: aws.String(string(l.Reason))},
	}
	tags := ours[:]
	for _, t := range has.TagSet {
		if name := aws.ToString(t.Key); name != "imgvet" && name != "imgvet-code" && name != "imgvet-reason" {
			tags = append(tags, t)
		}
	}
	_, err = client.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{
		Bucket: &w.Name, Key: &key, VersionId: version, Tagging: &types.Tagging{TagSet: tags},
	})
	if err != nil {
		return fmt.Errorf("tags: %w", err)
	}
	w.Log.Info("tagged", "key", l.Key)
	return nil
}

// lines yields the lines of a part.
func lines(part []byte) iter.Seq2[line.Line, error] {
	return func(yield func(line.Line, error) bool) {
		for text := range bytes.Lines(part) {
			if l, err := line.Parse(text); !yield(l, err) || err != nil {
				return
			}
		}
	}
}
